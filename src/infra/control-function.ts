/** A control function, from its line in the contract. */

import { aws_lambda as lambda } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { FunctionName } from '../functions/contract.ts';
import { functionSpecs } from '../functions/contract.ts';
import { acknowledge } from './acknowledged.ts';
import { controlBundle } from './bundle.ts';
import { logGroup } from './log-group.ts';
import type { SideStack } from './place.ts';
import { controlRoleName, roleArn } from './place.ts';

export interface ControlFunctionOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly vpc?: { readonly subnetIds: string[]; readonly securityGroupIds: string[] };
}

const folders = new Map<string, string>();

export function controlFunction(
  stack: SideStack,
  name: FunctionName,
  options: ControlFunctionOptions = {},
): lambda.CfnFunction {
  const { place } = stack;
  const spec = functionSpecs[name];
  const code = bundleAsset(stack);
  const id = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const made = new lambda.CfnFunction(stack, `${id}Function`, {
    functionName: place.names.controlFunction(name),
    description: spec.purpose,
    runtime: 'nodejs22.x',
    architectures: ['arm64'],
    handler: `index.${spec.handler}`,
    role: roleArn(place, controlRoleName(place, name)),
    code: { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey },
    timeout: spec.timeoutSeconds,
    memorySize: spec.memory,
    reservedConcurrentExecutions: spec.reserved,
    ...(options.environment === undefined ? {} : { environment: { variables: options.environment } }),
    ...(options.vpc === undefined ? {} : { vpcConfig: options.vpc }),
  });
  logGroup(stack, id, made);
  acknowledge(made, 'L1');
  return made;
}

/** One asset per stack, one folder per workload. */
function bundleAsset(stack: SideStack): Asset {
  const known = stack.node.tryFindChild('ControlBundle');
  if (known instanceof Asset) return known;
  const { workload, names } = stack.place;
  const folder = folders.get(names.prefix) ?? controlBundle(workload);
  folders.set(names.prefix, folder);
  return new Asset(stack, 'ControlBundle', { path: folder });
}
