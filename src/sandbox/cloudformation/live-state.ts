/**
 * The state a stack's resources are really in, for drift-aware change sets (`DeploymentMode: REVERT_DRIFT`): declared properties are
 * compared with it instead of with what was sent last, and a rollback goes back to it.
 *
 * Only types with a `read` are looked at; the others count as not checked, as types without drift detection do on AWS. What is gone is
 * left to its update to find out. Source: CloudFormation User Guide, "Using drift-aware change sets".
 */

import type { Principal, SandboxCore } from '../contract.ts';
import { passedOn } from './identity.ts';
import type { JsonObject } from './json.ts';
import { sameJson } from './json.ts';
import { isGone } from './resource-context.ts';
import type { ReadCall } from './resource-type.ts';
import { resourceType } from './resources/registry.ts';
import type { Stack, StackResource } from './stack.ts';

/** Declared properties as they really are, by logical id; only of resources that differ from what was sent. */
export async function liveProperties(
  core: SandboxCore,
  region: string,
  stack: Stack,
  principal: Principal,
): Promise<Record<string, JsonObject>> {
  const call: ReadCall = (service, operation, input) =>
    core.invoke({ service, operation, region, input, ...passedOn(principal) });
  const found = await Promise.all(
    Object.values(stack.resources).map(async (resource) => {
      const live = await read(resource, call);
      return live === undefined ? [] : [[resource.logicalId, { ...resource.properties, ...live }] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}

/** The stack as if its resources had been sent what they really are. */
export const withLive = (stack: Stack, live: Readonly<Record<string, JsonObject>>): Stack => ({
  ...stack,
  resources: Object.fromEntries(
    Object.entries(stack.resources).map(([id, resource]) => {
      const properties = live[id];
      return [id, properties === undefined ? resource : { ...resource, properties }];
    }),
  ),
});

async function read(resource: StackResource, call: ReadCall): Promise<JsonObject | undefined> {
  const { physicalId: id, properties } = resource;
  const type = resourceType(resource.type);
  if (id === undefined || type?.read === undefined) return undefined;
  try {
    const live = await type.read({ id, properties }, call);
    const drifted = Object.entries(live).filter(
      ([name, value]) => properties[name] !== undefined && !sameJson(properties[name], value),
    );
    return drifted.length === 0 ? undefined : Object.fromEntries(drifted);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
