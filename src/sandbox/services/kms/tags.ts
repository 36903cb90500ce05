/** Tags as KMS spells them: `TagKey` and `TagValue`. */

import type { Ask } from '../../contract.ts';
import { AwsError } from '../../contract.ts';

interface Tag {
  readonly TagKey?: string | undefined;
  readonly TagValue?: string | undefined;
}

type TagMap = Readonly<Record<string, string>>;

export function addTags(tags: TagMap, added: readonly Tag[] | undefined): TagMap {
  const all = {
    ...tags,
    ...Object.fromEntries((added ?? []).map(({ TagKey = '', TagValue = '' }) => [TagKey, TagValue])),
  };
  if (Object.keys(all).length > 50) throw new AwsError('LimitExceededException', 'A key has at most 50 tags.');
  if (Object.keys(all).some((key) => key === '' || key.startsWith('aws:'))) {
    throw new AwsError('TagException', 'A tag key is not empty and does not begin with aws:.');
  }
  return all;
}

export const tagList = (tags: TagMap): { TagKey: string; TagValue: string }[] =>
  Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

export function requestTags(tags: readonly Tag[] | undefined): NonNullable<Ask['context']> {
  if (tags === undefined || tags.length === 0) return {};
  return {
    ...Object.fromEntries(tags.map(({ TagKey = '', TagValue = '' }) => [`aws:RequestTag/${TagKey}`, TagValue])),
    'aws:TagKeys': tags.map(({ TagKey = '' }) => TagKey),
  };
}
