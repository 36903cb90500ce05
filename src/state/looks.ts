/** What a watcher that starts anew needs of the one before it: its memory, what it found out, what it has begun. */

import type { FindingCode } from '../plan/findings.ts';
import type { Memory, Sighting } from '../plan/world.ts';
import type { ItemStore } from './items.ts';

/** What the jury has to keep between looks. A dark Region can't be asked again. */
export interface JuryMemory {
  /** The primary load balancer's DNS name, found while the primary could be asked. */
  readonly balancer: string | undefined;
  /** The last received position, and when it last grew. */
  readonly received: string | undefined;
  readonly receivedAt: number | undefined;
  /** Seconds for which the primary took writes and the replica received none. */
  readonly unreceivedSeconds: number;
  /** Sightings that are taken less often than every look. */
  readonly seldom: readonly Sighting[];
}

/** A run this watcher has started, by the outage it was started for. */
export interface Started {
  readonly epoch: number;
  readonly since: number;
  readonly at: number;
  readonly attempts: number;
  /** The latest attempt's, to ask with whether it still runs. */
  readonly input: string;
  /** The approval it was started on. */
  readonly approval?: string;
}

export interface WatchRecord {
  readonly memory: Memory;
  readonly jury: JuryMemory;
  /** Steps that can be undone, begun on a suspicion. */
  readonly prepared: { readonly since: number; readonly finding: FindingCode } | undefined;
  readonly started: Started | undefined;
  /** What people were told of and hasn't passed. */
  readonly troubled: { readonly finding: FindingCode; readonly since: number } | undefined;
}

const sort = 'looks';

/** What is written differently, by an older version, is as good as nothing: the looks come anew. */
export async function readWatch(store: ItemStore): Promise<WatchRecord | undefined> {
  const found = await store.get<Partial<WatchRecord>>(sort);
  return found?.memory === undefined || found.jury === undefined ? undefined : (found as WatchRecord);
}

export const writeWatch = (store: ItemStore, record: WatchRecord): Promise<void> => store.put(sort, record);
