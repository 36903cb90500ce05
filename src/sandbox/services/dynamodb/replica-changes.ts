/** Regions that join a global table and leave it. A Region that leaves loses its copy. */

import type { UpdateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { durations } from './durations.ts';
import { accept, unsupported } from './members.ts';
import type { TableRecord } from './records.ts';
import { copyInto, reachableRegion, removeCopy } from './replica-copies.ts';
import type { GlobalTables } from './replication.ts';
import type { Store } from './store.ts';
import { changeStrongMembers, makeStrong } from './strong-changes.ts';
import { invalidParameter, validation } from './validation.ts';

export type ReplicaInput = Pick<
  UpdateTableCommandInput,
  'GlobalTableWitnessUpdates' | 'MultiRegionConsistency' | 'ReplicaUpdates'
>;

/** The table with its replicas as asked; the copies in other Regions are made or removed on the way. */
export function changeReplicas(
  store: Store,
  globalTables: GlobalTables,
  table: TableRecord,
  input: ReplicaInput,
): TableRecord {
  const {
    MultiRegionConsistency: mode,
    ReplicaUpdates: updates = [],
    GlobalTableWitnessUpdates: witnesses = [],
  } = input;
  checkMode(table, input);
  for (const { Update: update } of updates) {
    if (update !== undefined) throw unsupported('this kind of ReplicaUpdates', 'UpdateTable');
  }
  for (const { Create: create } of updates) {
    if (create !== undefined) accept('UpdateTable', create, ['RegionName', 'KMSMasterKeyId']);
  }
  if (table.consistency === 'STRONG') return changeStrongMembers(store, table, updates, witnesses);
  if (mode === 'STRONG') return makeStrong(store, table, updates, witnesses);
  if (witnesses.length > 0)
    throw invalidParameter('Only a global table with MultiRegionConsistency STRONG has a witness');
  if (updates.length > 1) throw invalidParameter('Only one replica update is allowed at a time');
  const [update] = updates;
  if (update?.Create !== undefined) {
    return join(store, globalTables, table, update.Create.RegionName ?? '', update.Create.KMSMasterKeyId);
  }
  return update?.Delete === undefined ? table : leave(store, table, update.Delete.RegionName ?? '');
}

/** The mode is chosen with the first replica, for as long as the table is global. */
function checkMode(
  table: TableRecord,
  { MultiRegionConsistency: mode, ReplicaUpdates: updates = [] }: ReplicaInput,
): void {
  if (mode === undefined) return;
  if (!updates.some(({ Create: create }) => create !== undefined)) {
    throw invalidParameter(
      'MultiRegionConsistency can only be specified together with a Create action in ReplicaUpdates',
    );
  }
  if (table.replicas.length > 0 && mode !== (table.consistency ?? 'EVENTUAL')) {
    throw invalidParameter(
      `The MultiRegionConsistency of an existing global table cannot be changed: ${table.name} is ${table.consistency ?? 'EVENTUAL'}`,
    );
  }
}

function join(
  store: Store,
  globalTables: GlobalTables,
  table: TableRecord,
  region: string,
  key: string | undefined,
): TableRecord {
  reachableRegion(store, table, region);
  const now = store.now(table.region);
  const activeAt = now + durations.createReplica;
  const stream = table.stream ?? { view: 'NEW_AND_OLD_IMAGES', label: new Date(now).toISOString().slice(0, -1) };
  const joined: TableRecord = { ...table, stream, replicas: [...table.replicas, { region, activeAt }] };
  for (const { region: other } of table.replicas) {
    store.tables(other).update(table.name, (one) => ({ ...one, replicas: [...one.replicas, { region, activeAt }] }));
  }
  copyInto(store, joined, region, activeAt, key);
  // From every Region: what one wrote a moment ago need not have reached this one.
  globalTables.seed(joined, region);
  for (const { region: other } of table.replicas) globalTables.seed({ ...joined, region: other }, region);
  return joined;
}

function leave(store: Store, table: TableRecord, region: string): TableRecord {
  if (!table.replicas.some((replica) => replica.region === region)) {
    throw validation(
      `Replica specified in the Replica Update or Replica Delete action of the request was not found: Region=${region}`,
    );
  }
  removeCopy(store, table, region);
  const without = (one: TableRecord): TableRecord => ({
    ...one,
    replicas: one.replicas.filter((replica) => replica.region !== region),
  });
  for (const { region: other } of table.replicas) {
    if (other !== region) store.tables(other).update(table.name, without);
  }
  return without(table);
}
