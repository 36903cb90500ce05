/** Runs as records: opened once, given facts by their steps, closed once. */

import type { Plan } from '../plan/graph.ts';
import type { RunRecord } from '../plan/run.ts';
import type { ItemStore } from './items.ts';

export interface StoredRun extends RunRecord {
  /** The execution that runs it: a state machine execution's ARN, or the break-glass runner's id. */
  readonly execution: string;
  /** As it started with: a newer version of the product goes on with the same steps. */
  readonly graph?: Plan;
  /** Whether whoever started it accepts a loss beyond the objective; undefined where the start was the approval. */
  readonly acceptLoss?: boolean | undefined;
}

const sortOf = (id: string) => `run#${id}`;

export const readRun = (store: ItemStore, id: string): Promise<StoredRun | undefined> =>
  store.get<StoredRun>(sortOf(id));

export const listRuns = (store: ItemStore): Promise<StoredRun[]> => store.list<StoredRun>('run#');

export const writeRun = (store: ItemStore, run: StoredRun): Promise<void> => store.put(sortOf(run.id), run);

/** Facts are items of their own: steps of parallel branches write at the same time and must not overwrite each other. */
export const putFact = (store: ItemStore, run: string, name: string, value: unknown): Promise<void> =>
  store.put(`fact#${run}#${name}`, { name, value });

export async function readFact<T>(store: ItemStore, run: string, name: string): Promise<T | undefined> {
  return (await store.get<{ value: T }>(`fact#${run}#${name}`))?.value;
}

export async function readFacts(store: ItemStore, run: string): Promise<Record<string, unknown>> {
  const facts = await store.list<{ name: string; value: unknown }>(`fact#${run}#`);
  return Object.fromEntries(facts.map(({ name, value }) => [name, value]));
}
