/** The jury's latest looks, kept so that a new invocation of the watcher goes on where the last one ended. */

import type { Look } from '../plan/world.ts';
import type { ItemStore } from './items.ts';

export const readLooks = async (store: ItemStore): Promise<readonly Look[]> => (await store.get<Look[]>('looks')) ?? [];
export const writeLooks = (store: ItemStore, looks: readonly Look[]): Promise<void> => store.put('looks', looks);
