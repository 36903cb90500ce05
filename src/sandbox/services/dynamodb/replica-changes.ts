/** Regions that join a global table and leave it. A Region that leaves loses its copy. */

import type { ReplicationGroupUpdate } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../contract.ts';
import { durations } from './durations.ts';
import { accept, unsupported } from './members.ts';
import type { TableRecord } from './records.ts';
import type { GlobalTables } from './replication.ts';
import type { Store } from './store.ts';
import { invalidParameter, validation } from './validation.ts';

/** The table with its replicas as asked; the copies in other Regions are made or removed on the way. */
export function changeReplicas(
  store: Store,
  globalTables: GlobalTables,
  table: TableRecord,
  updates: readonly ReplicationGroupUpdate[],
): TableRecord {
  if (updates.length > 1)
    throw validation('One or more parameter values were invalid: Only one replica update is allowed at a time');
  const [update] = updates;
  if (update === undefined) return table;
  if (update.Create !== undefined) {
    accept('UpdateTable', update.Create, ['RegionName', 'KMSMasterKeyId']);
    const { RegionName: region = '', KMSMasterKeyId: key } = update.Create;
    return join(store, globalTables, table, region, key);
  }
  if (update.Delete !== undefined) return leave(store, table, update.Delete.RegionName ?? '');
  throw unsupported('this kind of ReplicaUpdates', 'UpdateTable');
}

function join(
  store: Store,
  globalTables: GlobalTables,
  table: TableRecord,
  region: string,
  key: string | undefined,
): TableRecord {
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
  if (!core.network.reachable(table.region, region)) {
    throw new AwsError('InternalServerError', `The Region ${region} can't be reached.`, { status: 500 });
  }
  const now = store.now(table.region);
  const activeAt = now + durations.createReplica;
  const stream = table.stream ?? { view: 'NEW_AND_OLD_IMAGES', label: new Date(now).toISOString().slice(0, -1) };
  const joined: TableRecord = { ...table, stream, replicas: [...table.replicas, { region, activeAt }] };
  const home = { region: table.region, activeAt: now };
  for (const { region: other } of table.replicas) {
    store.tables(other).update(table.name, (one) => ({ ...one, replicas: [...one.replicas, { region, activeAt }] }));
  }
  store.tables(region).put(table.name, {
    ...joined,
    region,
    id: core.ids.uuid(),
    createdAt: now,
    replicas: [home, ...table.replicas],
    change: { status: 'CREATING', until: activeAt },
    ...(key === undefined ? {} : { encryption: { key } }),
  });
  globalTables.seed(joined, region);
  return joined;
}

function leave(store: Store, table: TableRecord, region: string): TableRecord {
  const copy = store.tables(region).get(table.name);
  if (copy === undefined || !table.replicas.some((replica) => replica.region === region)) {
    throw validation(
      `Replica specified in the Replica Update or Replica Delete action of the request was not found: Region=${region}`,
    );
  }
  if (copy.deletionProtection) {
    throw validation(
      'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
    );
  }
  const without = (one: TableRecord): TableRecord => ({
    ...one,
    replicas: one.replicas.filter((replica) => replica.region !== region),
  });
  for (const { region: other } of table.replicas) {
    if (other !== region) store.tables(other).update(table.name, without);
  }
  const rows = store.rows(copy);
  for (const [key] of rows.entries()) rows.delete(key);
  store.tables(region).delete(table.name);
  return without(table);
}
