/** Tags as IAM takes and gives them, and as condition keys. */

import type { Tag } from '@aws-sdk/client-iam';
import type { Ask } from '../../contract.ts';
import { invalidInput, limitExceeded } from './errors.ts';

export type TagMap = Readonly<Record<string, string>>;

/** Adds tags to those there are. At most 50. */
export function withTags(tags: TagMap, added: readonly Tag[] | undefined): TagMap {
  const given = (added ?? []).map(({ Key = '', Value = '' }): [string, string] => [Key, Value]);
  const keys = given.map(([key]) => key);
  if (new Set(keys).size < keys.length)
    throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  if (keys.some((key) => key === '' || key.length > 128)) throw invalidInput('A tag key has 1 to 128 characters.');
  const all = { ...tags, ...Object.fromEntries(given) };
  if (Object.keys(all).length > 50) throw limitExceeded('The number of tags has reached the maximum limit.');
  return all;
}

export const withoutTags = (tags: TagMap, keys: readonly string[] | undefined): TagMap =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => keys?.includes(key) !== true));

export const tagList = (tags: TagMap): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Condition keys of a resource's tags: the global ones and the service's own. */
export const resourceTagKeys = (tags: TagMap | undefined, prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags ?? {}).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`${prefix}:ResourceTag/${key}`, value],
    ]),
  );

/** Condition keys of the tags a request brings. */
export function requestTagKeys(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): NonNullable<Ask['context']> {
  if (tags === undefined || tags.length === 0) return {};
  return {
    ...Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [`aws:RequestTag/${Key}`, Value])),
    'aws:TagKeys': tags.map(({ Key = '' }) => Key),
  };
}
