/** The objects customers' writes leave: their keys, and which of them a side's bucket holds now (current versions only). */

import type { Customers } from '../workload/config.ts';
import type { Stage } from './stage.ts';

type Objects = NonNullable<Customers['object']>;

export const keyOf = ({ key }: Pick<Objects, 'key'>, id: string): string => key.replaceAll('{id}', id);

/** The id in a key, or undefined for a key that is none of a write. */
export function idOf({ key }: Pick<Objects, 'key'>, found: string): string | undefined {
  const [before = '', after = ''] = key.split('{id}');
  const id = found.slice(before.length, found.length - after.length);
  return id !== '' && keyOf({ key }, id) === found ? id : undefined;
}

/** Empty when writes leave no objects. */
export async function objectKeys(stage: Stage, side: 'primary' | 'recovery'): Promise<Set<string>> {
  const { object } = stage.customers;
  const keys = new Set<string>();
  if (object === undefined) return keys;
  const { paginateListObjectsV2 } = await import('@aws-sdk/client-s3');
  const client = await stage.clients(side).s3();
  for await (const page of paginateListObjectsV2({ client }, { Bucket: stage.names.bucket(object.bucket, side) })) {
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.add(Key);
  }
  return keys;
}
