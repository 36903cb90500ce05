/** The integrations: what can stand in a Task's Resource, and which patterns each knows. */

import type { Json } from '../../../asl/json.ts';
import type { Pattern, ServiceResource } from '../../../asl/resource.ts';
import type { SandboxCore } from '../../../contract.ts';
import { invoke } from './lambda.ts';
import { optimized } from './optimized.ts';
import type { TaskCaller } from './perform.ts';
import { sdkIntegration, sdkPatterns, sdkProblem, sdkServices } from './sdk.ts';

export interface Integration {
  /** Of its error names: `Lambda`, `DynamoDB`. */
  readonly prefix: string;
  readonly patterns: readonly Pattern[];
  call(core: SandboxCore, caller: TaskCaller, given: Json): Promise<Json>;
  /** The result of the job the call began. */
  job?(accepted: Json, caller: TaskCaller, pattern: Pattern): Promise<Json>;
}

/** Why the resource can't be used, in words that follow "The sandbox doesn't support"; undefined when it can. */
export async function integrationProblem(core: SandboxCore, resource: ServiceResource): Promise<string | undefined> {
  if (resource.sdk) return sdkProblem(core, resource);
  const found = integrations[`${resource.service}:${resource.action}`];
  return found?.patterns.includes(resource.pattern) === true ? undefined : `the resource ${resource.arn}`;
}

export async function integrationFor(core: SandboxCore, resource: ServiceResource): Promise<Integration> {
  if (resource.sdk) return sdkIntegration(core, resource);
  const found = integrations[`${resource.service}:${resource.action}`];
  if (found === undefined) throw new Error(`${resource.arn} was let through at creation`);
  return found;
}

const integrations: Readonly<Record<string, Integration>> = { 'lambda:invoke': invoke, ...optimized };

/** What can stand after `arn:aws:states:::`, with its patterns. */
export const integrationCoverage = (): { readonly name: string; readonly patterns: readonly Pattern[] }[] => [
  ...Object.entries(integrations).map(([name, { patterns }]) => ({ name, patterns })),
  ...sdkServices.map((name) => ({ name: `aws-sdk:${name}`, patterns: sdkPatterns })),
];
