/** Members of a property object, as they are: most APIs take what templates declare. */

import type { Json, JsonObject } from '../json.ts';

export function pick(properties: JsonObject, names: readonly string[]): Record<string, Json> {
  const picked: Record<string, Json> = {};
  for (const name of names) {
    const value = properties[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** The members an API has answered. */
export const known = (members: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined));

/** Keys with a small first letter, all the way down: for the APIs that spell them so. */
export function lowerFirst(value: Json): Json {
  if (Array.isArray(value)) return (value as Json[]).map(lowerFirst);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.slice(0, 1).toLowerCase() + key.slice(1), lowerFirst(item)]),
  );
}

/** What is in `now` and not in `before`, and the other way round. */
export function difference(before: readonly string[], now: readonly string[]): { added: string[]; removed: string[] } {
  return {
    added: now.filter((item) => !before.includes(item)),
    removed: before.filter((item) => !now.includes(item)),
  };
}
