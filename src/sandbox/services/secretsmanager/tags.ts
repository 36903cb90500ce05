/** Tags of a secret. */

import { invalidParameter } from './errors.ts';

type TagMap = Readonly<Record<string, string>>;

export function tagged(
  tags: TagMap,
  added: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): TagMap {
  const all = { ...tags, ...Object.fromEntries((added ?? []).map(({ Key = '', Value = '' }) => [Key, Value])) };
  if (Object.keys(all).length > 50) throw invalidParameter('A secret has at most 50 tags.');
  if (Object.keys(all).some((key) => key === '' || key.startsWith('aws:'))) {
    throw invalidParameter('A tag key is not empty and does not begin with aws:.');
  }
  return all;
}
