/** The production capacity as last seen while the active side was well: what a failover scales to without asking the dead Region. */

import type { ItemStore } from './items.ts';

export interface Capacity {
  /** By the group's name in the config. */
  readonly groups: Readonly<Record<string, { readonly min: number; readonly desired: number; readonly max: number }>>;
  readonly seenAt: number;
}

export const readCapacity = (store: ItemStore): Promise<Capacity | undefined> => store.get<Capacity>('capacity');
export const writeCapacity = (store: ItemStore, capacity: Capacity): Promise<void> => store.put('capacity', capacity);
