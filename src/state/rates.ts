/** How fast the active database commits, sampled while it is well: so that a loss can be told in transactions once it can't be asked. */

import type { ItemStore } from './items.ts';

export interface RateSample {
  /** The heartbeat the replica had applied, epoch milliseconds by the clock of the server that wrote it. */
  readonly beat: number;
  readonly epoch: number;
  /** Transactions it had applied by then, all of them. */
  readonly transactions: number;
  /** How many of them were heartbeats; undefined where they aren't counted. */
  readonly beats: number | undefined;
  /** The service's own last one, epoch milliseconds. */
  readonly serviceBeat: number | undefined;
}

export const readRates = async (store: ItemStore): Promise<readonly RateSample[]> =>
  (await store.get<RateSample[]>('rates')) ?? [];
export const writeRates = (store: ItemStore, samples: readonly RateSample[]): Promise<void> =>
  store.put('rates', samples);
