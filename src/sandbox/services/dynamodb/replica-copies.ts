/** A table's copies in other Regions: made, and taken away with what they hold. */

import { AwsError } from '../../contract.ts';
import { linked } from './links.ts';
import type { TableRecord } from './records.ts';
import type { Store } from './store.ts';
import { invalidParameter, validation } from './validation.ts';

/** Throws unless a Region can take a copy of the table now. */
export function reachableRegion(store: Store, table: TableRecord, region: string): void {
  const { core } = store;
  if (!core.regions.includes(region) || region === table.region) {
    throw validation(
      `Replica specified in the Replica Update or Replica Delete action of the request was invalid: Region ${region}`,
    );
  }
  if (table.replicas.some((replica) => replica.region === region) || store.tables(region).has(table.name)) {
    throw invalidParameter(
      `Failed to create a the new replica of table with name: '${table.name}' because one or more replicas already existed as tables.`,
    );
  }
  requireLink(store, table.region, region);
}

/** Changes of a global table reach all of its Regions, or none. */
export function requireLink({ core }: Store, from: string, region: string): void {
  if (linked(core, from, region)) return;
  throw new AwsError('InternalServerError', `The Region ${region} can't be reached.`, { status: 500 });
}

export function copyInto(
  store: Store,
  joined: TableRecord,
  region: string,
  activeAt: number,
  key: string | undefined,
): void {
  const now = store.now(joined.region);
  const others = joined.replicas.filter((replica) => replica.region !== region);
  store.tables(region).put(joined.name, {
    ...joined,
    region,
    id: store.core.ids.uuid(),
    createdAt: now,
    replicas: [{ region: joined.region, activeAt: now }, ...others],
    change: { status: 'CREATING', until: activeAt },
    ...(key === undefined ? {} : { encryption: { key } }),
  });
}

export function removeCopy(store: Store, table: TableRecord, region: string): void {
  checkRemovable(store, table, region);
  emptyRows(store, table, region);
  store.tables(region).delete(table.name);
}

export function checkRemovable(store: Store, table: TableRecord, region: string): void {
  requireLink(store, table.region, region);
  if (store.tables(region).get(table.name)?.deletionProtection !== true) return;
  throw validation(
    'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
  );
}

/** The items go, and what was on its way from them. */
export function emptyRows(store: Store, table: TableRecord, region: string): void {
  const rows = store.rowsAt(table, region);
  for (const [key] of rows.entries()) rows.delete(key);
  const outbox = store.outbox(region);
  for (const [id, row] of outbox.entries()) if (row.table === table.name) outbox.delete(id);
}
