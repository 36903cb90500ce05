/** What an update would change, without doing it: the same difference as `update-stack.ts`, over values known so far. */

import { validationError } from './errors.ts';
import { ordered } from './graph.ts';
import { knownAfterApply } from './intrinsics.ts';
import type { Json, JsonObject } from './json.ts';
import { canonical, sameJson } from './json.ts';
import { outputsIn } from './outputs.ts';
import type { Prepared } from './prepare.ts';
import { allKnown, changeBetween, replacing, resolvedProperties } from './properties.ts';
import { knownType, policiesOf } from './resource-work.ts';
import type { Stack, StackResource } from './stack.ts';
import type { DeletionPolicy, ResourceDeclaration } from './template.ts';

export interface PlannedChange {
  /** `SyncWithActual`: it is already as the template has it, and only what is remembered changes. */
  readonly action: 'Add' | 'Modify' | 'Remove' | 'SyncWithActual';
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly replacement?: 'True' | 'False' | 'Conditional';
  /** What differs: property names, or an attribute of the declaration. */
  readonly details: readonly ChangeDetail[];
  /** What happens to the physical resource that goes. */
  readonly fate?: DeletionPolicy;
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

export interface ChangeDetail {
  readonly attribute: 'Properties' | 'Metadata' | 'DeletionPolicy' | 'UpdateReplacePolicy' | 'UpdatePolicy' | 'Tags';
  readonly name?: string;
  readonly recreation: 'Never' | 'Conditionally' | 'Always';
  /** Whether the new value is known already. */
  readonly known: boolean;
  readonly before?: Json;
  readonly after?: Json;
}

export interface Changes {
  readonly changes: readonly PlannedChange[];
  /** True when nothing would change: no resource, no output, no stack tag. */
  readonly none: boolean;
}

/** `drifted` are resources whose remembered properties were replaced by what they really are. */
export function changesOf(
  prepared: Prepared,
  stack: Stack,
  tags: Readonly<Record<string, string>>,
  drifted: ReadonlySet<string> = new Set(),
): Changes {
  /** Resources whose physical id isn't known before the change, and those whose attributes may change. */
  const fresh = new Set<string>();
  const lookup = (logicalId: string, attribute: string | undefined): Json | undefined => {
    if (!prepared.resources.has(logicalId)) return undefined;
    if (fresh.has(logicalId)) return knownAfterApply;
    const resource = stack.resources[logicalId];
    return attribute === undefined ? resource?.physicalId : resource?.attributes[attribute];
  };
  const scope = prepared.scope(lookup);
  const changes: PlannedChange[] = [];
  for (const logicalId of ordered(prepared.graph)) {
    const declaration = prepared.resources.get(logicalId);
    if (declaration === undefined) continue;
    const type = knownType(declaration.type);
    const properties = resolvedProperties(logicalId, declaration, type, scope, tags);
    const old = stack.resources[logicalId];
    if (old?.physicalId === undefined) {
      fresh.add(logicalId);
      changes.push({ action: 'Add', logicalId, type: declaration.type, details: [], after: properties });
      continue;
    }
    if (old.type !== declaration.type) {
      throw validationError(
        `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${logicalId}]`,
      );
    }
    const change = modification(old, declaration, properties);
    if (change === undefined) {
      if (drifted.has(logicalId))
        changes.push({ action: 'SyncWithActual', logicalId, physicalId: old.physicalId, type: old.type, details: [] });
      continue;
    }
    if (change.replacement !== 'False' || type.open === true) fresh.add(logicalId);
    changes.push(change);
  }
  for (const old of Object.values(stack.resources)) {
    if (prepared.resources.has(old.logicalId) || old.status === 'DELETE_COMPLETE') continue;
    const { logicalId, physicalId, type, deletionPolicy: fate } = old;
    const id = physicalId === undefined ? {} : { physicalId };
    changes.push({ action: 'Remove', logicalId, ...id, type, details: [], fate, before: old.properties });
  }
  const outputs = outputsIn(prepared, scope);
  const sameOutputs = canonical(outputs as unknown as Json) === canonical(stack.content.outputs as unknown as Json);
  return { changes, none: changes.length === 0 && sameOutputs && sameJson(tags, stack.content.tags) };
}

function modification(
  old: StackResource,
  declaration: ResourceDeclaration,
  properties: JsonObject,
): PlannedChange | undefined {
  const type = knownType(declaration.type);
  const change = changeBetween(old.properties, properties);
  const replacers = replacing(type, change);
  const all = type.update === undefined && change.changed.size > 0 ? [...change.changed] : replacers;
  const policies = policiesOf(declaration, properties);
  const attributes = declarationChanges(old, declaration, policies);
  if (change.changed.size === 0 && attributes.length === 0) return undefined;
  const details = [...change.changed].map((name): ChangeDetail => {
    const known = allKnown(properties, [name]);
    const recreation = !all.includes(name) ? 'Never' : known ? 'Always' : 'Conditionally';
    const before = old.properties[name];
    const after = properties[name];
    return {
      attribute: 'Properties',
      name,
      recreation,
      known,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    };
  });
  const replacement =
    all.length === 0 ? 'False' : details.some(({ recreation }) => recreation === 'Always') ? 'True' : 'Conditional';
  return {
    action: 'Modify',
    logicalId: old.logicalId,
    ...(old.physicalId === undefined ? {} : { physicalId: old.physicalId }),
    type: old.type,
    replacement,
    details: [...details, ...attributes],
    ...(replacement === 'False' ? {} : { fate: policies.updateReplacePolicy }),
    before: old.properties,
    after: properties,
  };
}

function declarationChanges(
  old: StackResource,
  declaration: ResourceDeclaration,
  policies: ReturnType<typeof policiesOf>,
): ChangeDetail[] {
  const attributes = [
    ['Metadata', sameJson(old.metadata, declaration.metadata)],
    ['UpdatePolicy', sameJson(old.updatePolicy, declaration.updatePolicy)],
    ['DeletionPolicy', policies.deletionPolicy === old.deletionPolicy],
    ['UpdateReplacePolicy', policies.updateReplacePolicy === old.updateReplacePolicy],
  ] as const;
  return attributes.flatMap(([attribute, same]) => (same ? [] : [{ attribute, recreation: 'Never', known: true }]));
}
