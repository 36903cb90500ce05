/** The ramp of a side's event sources, from the move that switched them on until all of them are as declared. */

import type { Side } from '../workload/judged.ts';
import type { ItemStore } from './items.ts';

export interface Ramp {
  readonly side: Side;
  /** The epoch in which they were switched on: in a later one they are somebody else's. */
  readonly epoch: number;
  readonly since: number;
  /** The last look at those that aren't as declared yet. */
  readonly open: readonly {
    readonly function: string;
    readonly most: number;
    readonly waiting: number;
    readonly at: number;
  }[];
  readonly endedAt?: number;
}

const sort = 'ramp';

export const readRamp = (store: ItemStore): Promise<Ramp | undefined> => store.get<Ramp>(sort);
export const writeRamp = (store: ItemStore, ramp: Ramp): Promise<void> => store.put(sort, ramp);
