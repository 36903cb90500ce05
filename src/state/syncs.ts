/** What the copying of parameters has done, kept where it can be read when the side it copies from is dark. */

import type { ItemStore } from './items.ts';

/** One full comparison of both sides. What was changed before it began is on both. */
export interface Reconciliation {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly written: number;
  readonly removed: number;
}

/** One parameter copied because an event told of it. */
export interface CopiedChange {
  readonly name: string;
  readonly at: number;
}

/** The latest changes copied, oldest first, and the last full comparison. */
export interface ParameterSync {
  readonly reconciled: Reconciliation | undefined;
  readonly copied: readonly CopiedChange[];
}

/** Changes kept: enough to see that events arrive. */
const kept = 20;

export async function readParameterSync(store: ItemStore): Promise<ParameterSync> {
  const [reconciled, copied] = await Promise.all([
    store.get<Reconciliation>('sync#reconciled'),
    store.get<CopiedChange[]>('sync#copied'),
  ]);
  return { reconciled, copied: copied ?? [] };
}

export const writeReconciliation = (store: ItemStore, reconciled: Reconciliation): Promise<void> =>
  store.put('sync#reconciled', reconciled);

/** Two copied at once may leave the trace of one: it is for people to read, and nothing is decided by it alone. */
export async function writeCopiedChange(store: ItemStore, change: CopiedChange): Promise<void> {
  const before = (await store.get<CopiedChange[]>('sync#copied')) ?? [];
  await store.put('sync#copied', [...before, change].slice(-kept));
}
