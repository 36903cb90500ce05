/** What a declared resource would be sent: its properties resolved in a scope, with the stack's tags added. */

import type { Scope } from './intrinsics.ts';
import { evaluate, isKnown } from './intrinsics.ts';
import type { Json, JsonObject } from './json.ts';
import { sameJson } from './json.ts';
import type { Change, ResourceType } from './resource-type.ts';
import { listOf, objectOf } from './resource-type.ts';
import type { ResourceDeclaration } from './template.ts';

export function resolvedProperties(
  logicalId: string,
  declaration: ResourceDeclaration,
  type: ResourceType,
  scope: Scope,
  stackTags: Readonly<Record<string, string>>,
): JsonObject {
  const properties = objectOf(evaluate(declaration.properties, scope, `Resources/${logicalId}/Properties`));
  const tags = withStackTags(type, properties.Tags, stackTags);
  return tags === undefined ? properties : { ...properties, Tags: tags };
}

/** The names of the properties that differ between what was sent last and what would be sent now. */
export function changeBetween(previous: JsonObject, properties: JsonObject): Change {
  const names = new Set([...Object.keys(previous), ...Object.keys(properties)]);
  const changed = [...names].filter((name) => !sameJson(previous[name], properties[name]));
  return { previous, properties, changed: new Set(changed) };
}

/** Those of the changed properties that need a new physical resource. */
export function replacing(type: ResourceType, change: Change): string[] {
  const byTable = [...change.changed].filter((name) => type.properties[name] === 'replace');
  return [...new Set([...byTable, ...(type.replaces?.(change) ?? [])])];
}

/** Whether each of the named properties has a value already. */
export const allKnown = (properties: JsonObject, names: readonly string[]): boolean =>
  names.every((name) => isKnown(properties[name]));

/** A resource's own tags win over the stack's. */
function withStackTags(
  type: ResourceType,
  own: Json | undefined,
  stackTags: Readonly<Record<string, string>>,
): Json | undefined {
  if (type.tags === undefined || Object.keys(stackTags).length === 0) return own;
  if (type.tags === 'map') return { ...stackTags, ...objectOf(own) };
  const list = listOf(own);
  const keys = new Set(list.map((tag) => objectOf(tag).Key));
  return [...list, ...Object.entries(stackTags).flatMap(([Key, Value]) => (keys.has(Key) ? [] : [{ Key, Value }]))];
}
