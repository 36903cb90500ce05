/** Tags as templates declare them and as APIs take them. */

import type { Json } from '../json.ts';
import { asText } from '../json.ts';
import type { Change } from '../resource-type.ts';
import { listOf, objectOf } from '../resource-type.ts';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** `[{Key, Value}]` of a `Tags` property. */
export const tagList = (tags: Json | undefined): Tag[] =>
  listOf(tags).map((tag) => {
    const { Key, Value } = objectOf(tag);
    return { Key: asText(Key), Value: asText(Value ?? '') };
  });

/** `{key: value}` of a `Tags` property of either shape. */
export const tagMap = (tags: Json | undefined): Record<string, string> =>
  Array.isArray(tags)
    ? Object.fromEntries(tagList(tags).map(({ Key, Value }) => [Key, Value]))
    : Object.fromEntries(Object.entries(objectOf(tags)).map(([key, value]) => [key, asText(value)]));

/** Brings tags from the previous declaration to the present one. */
export async function syncTags(
  { changed, previous, properties }: Change,
  calls: { add(tags: Tag[]): Promise<unknown>; remove(keys: string[]): Promise<unknown> },
): Promise<void> {
  if (!changed.has('Tags')) return;
  const before = tagMap(previous.Tags);
  const now = tagMap(properties.Tags);
  const removed = Object.keys(before).filter((key) => now[key] === undefined);
  const added = Object.entries(now).filter(([key, value]) => before[key] !== value);
  if (removed.length > 0) await calls.remove(removed);
  if (added.length > 0) await calls.add(added.map(([Key, Value]) => ({ Key, Value })));
}
