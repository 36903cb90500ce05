/**
 * The environment a function finds itself in.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */

import type { SandboxCore } from '../contract.ts';
import type { RoleSession } from '../services/events/role-session.ts';
import type { FunctionImage } from './function-image.ts';

/** Names a function's own configuration may not set. */
export const reservedNames: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

export function hostEnvironment(
  core: SandboxCore,
  image: FunctionImage,
  host: { readonly authority: string; readonly logStream: string; readonly session: RoleSession },
): Record<string, string> {
  const { session } = host;
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...image.environment,
    _HANDLER: image.handler,
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
    AWS_REGION: image.region,
    AWS_DEFAULT_REGION: image.region,
    AWS_ENDPOINT_URL: core.endpoint(image.region),
    AWS_EXECUTION_ENV: `AWS_Lambda_${image.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(image.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_NAME: image.name,
    AWS_LAMBDA_FUNCTION_VERSION: image.version,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: image.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: host.logStream,
    AWS_LAMBDA_RUNTIME_API: host.authority,
    LAMBDA_TASK_ROOT: image.folder,
  };
}
