/** The journal's store: one item per asking of a step, beside the authority, keyed so that a query gives a run's entries in time order. */

import type { Ids } from '../kernel/ids.ts';
import type { JournalWriter, StepEntry } from '../plan/run.ts';
import type { ItemStore } from '../state/items.ts';

export const journalWriter = (store: ItemStore, ids: Ids): JournalWriter => ({
  write: (entry) => store.put(`entry#${entry.run}#${String(entry.at).padStart(15, '0')}#${ids.hex(6)}`, entry),
});

export const readJournal = (store: ItemStore, run: string): Promise<StepEntry[]> =>
  store.list<StepEntry>(`entry#${run}#`);
