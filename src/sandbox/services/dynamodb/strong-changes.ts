/**
 * Making a global table with strong consistency, and taking it apart: three Regions of one set, all at once, from an empty table without
 * local indexes and expiry; back to a single Region all at once.
 *
 * Source: DynamoDB Developer Guide, "How DynamoDB global tables work". AWS publishes no texts for these refusals.
 */

import type { GlobalTableWitnessGroupUpdate, ReplicationGroupUpdate } from '@aws-sdk/client-dynamodb';
import { strongTableRegionSet, strongTableRegionSets } from '../../../facts/regions.ts';
import { durations } from './durations.ts';
import { othersOf, type TableRecord } from './records.ts';
import { checkRemovable, copyInto, emptyRows, reachableRegion, removeCopy, requireLink } from './replica-copies.ts';
import type { Store } from './store.ts';
import { invalidParameter, validation } from './validation.ts';

type Updates = readonly ReplicationGroupUpdate[];
type WitnessUpdates = readonly GlobalTableWitnessGroupUpdate[];

export function makeStrong(
  store: Store,
  table: TableRecord,
  updates: Updates,
  witnessUpdates: WitnessUpdates,
): TableRecord {
  if ([...updates, ...witnessUpdates].some(({ Delete: gone }) => gone !== undefined)) {
    throw invalidParameter('A global table with multi-Region strong consistency is made by Create actions alone');
  }
  const added = updates.flatMap(({ Create: create }) => (create === undefined ? [] : [create]));
  const witnesses = witnessUpdates.flatMap(({ Create: create }) => create?.RegionName ?? []);
  const regions = [table.region, ...added.map(({ RegionName = '' }) => RegionName), ...witnesses];
  if (witnesses.length > 1 || regions.length !== 3 || new Set(regions).size !== 3) {
    throw invalidParameter(
      `A global table with multi-Region strong consistency has exactly three Regions: three replicas, or two replicas and one witness. Given: ${regions.join(', ')}`,
    );
  }
  if (strongTableRegionSet(regions) === undefined) {
    throw invalidParameter(
      `The Regions of a global table with multi-Region strong consistency must be of one Region set. Given: ${regions.join(', ')}. Region sets: ${strongTableRegionSets.map((set) => set.join(', ')).join('; ')}`,
    );
  }
  checkFit(store, table);
  for (const { RegionName = '' } of added) reachableRegion(store, table, RegionName);
  for (const region of witnesses) checkWitness(store, table, region);

  const activeAt = store.now(table.region) + durations.createReplica;
  const [witness] = witnesses;
  const strong: TableRecord = {
    ...table,
    consistency: 'STRONG',
    replicas: added.map(({ RegionName = '' }) => ({ region: RegionName, activeAt })),
    ...(witness === undefined ? {} : { witness: { region: witness, activeAt } }),
  };
  for (const { RegionName = '', KMSMasterKeyId: key } of added) copyInto(store, strong, RegionName, activeAt, key);
  return strong;
}

/** Nothing can join a strongly consistent table, and nothing leave it alone: what remains is a table of one Region. */
export function changeStrongMembers(
  store: Store,
  table: TableRecord,
  updates: Updates,
  witnessUpdates: WitnessUpdates,
): TableRecord {
  const all = [...updates, ...witnessUpdates];
  if (all.length === 0) return table;
  if (all.some(({ Create: create }) => create !== undefined)) {
    throw invalidParameter(
      'Replicas and witnesses cannot be added to a global table with multi-Region strong consistency',
    );
  }
  const leaving = (from: Updates | WitnessUpdates) => from.flatMap(({ Delete: gone }) => gone?.RegionName ?? []);
  const replicas = table.replicas.map(({ region }) => region);
  const known =
    sameRegions(leaving(updates), replicas) &&
    sameRegions(leaving(witnessUpdates), table.witness === undefined ? [] : [table.witness.region]);
  if (!known) {
    throw invalidParameter(
      `A single replica or witness cannot be deleted from a global table with multi-Region strong consistency: delete ${othersOf(table).join(' and ')} together`,
    );
  }
  for (const region of othersOf(table)) requireLink(store, table.region, region);
  for (const region of replicas) checkRemovable(store, table, region);
  for (const region of replicas) removeCopy(store, table, region);
  if (table.witness !== undefined) emptyRows(store, table, table.witness.region);
  const { consistency: _, witness: __, ...rest } = table;
  return { ...rest, replicas: [] };
}

function checkFit(store: Store, table: TableRecord): void {
  if (store.items(table).length > 0) {
    throw validation(
      `A table must be empty to become a global table with multi-Region strong consistency: ${table.name} has items`,
    );
  }
  if (table.indexes.some(({ kind }) => kind === 'local')) {
    throw validation('Local secondary indexes are not supported on global tables with multi-Region strong consistency');
  }
  if (table.timeToLive !== undefined) {
    throw validation('TimeToLive is not supported on global tables with multi-Region strong consistency');
  }
}

/** The witness stands in no account, but in a Region. */
function checkWitness(store: Store, table: TableRecord, region: string): void {
  if (!store.core.regions.includes(region)) throw validation(`The witness Region ${region} doesn't exist`);
  requireLink(store, table.region, region);
}

const sameRegions = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((region) => other.includes(region));
