/** The watcher's latest decision, and what people and runs say back: acknowledgements, and runs told to stand down. */

import type { DecisionCode } from '../plan/decide.ts';
import type { FindingCode } from '../plan/findings.ts';
import type { Acknowledgement, HealthEvent, Sighting } from '../plan/world.ts';
import type { ItemStore } from './items.ts';

export interface DecisionRecord {
  readonly at: number;
  readonly epoch: number;
  readonly code: DecisionCode;
  readonly sentence: string;
  readonly finding: FindingCode;
  readonly since: number;
  readonly lastGood: number | undefined;
  /** Findings about the recovery side. */
  readonly beside: readonly FindingCode[];
  readonly evidence: readonly Sighting[];
}

export const readDecision = (store: ItemStore): Promise<DecisionRecord | undefined> =>
  store.get<DecisionRecord>('decision');
export const writeDecision = (store: ItemStore, decision: DecisionRecord): Promise<void> =>
  store.put('decision', decision);

export const readAcknowledgement = (store: ItemStore): Promise<Acknowledgement | undefined> =>
  store.get<Acknowledgement>('acknowledgement');
/** Of the finding as it is now; another one takes its place. */
export const acknowledge = (store: ItemStore, acknowledgement: Acknowledgement): Promise<void> =>
  store.put('acknowledgement', acknowledgement);

/** A run the watcher started, whose primary came back before it committed anything: to be stopped, and undone. */
export interface StandDown {
  readonly at: number;
  readonly why: string;
}
const standDownSort = (run: string) => `stand-down#${run}`;
/** Answers whether it is new. */
export const tellToStandDown = (store: ItemStore, run: string, standDown: StandDown): Promise<boolean> =>
  store.create(standDownSort(run), standDown);
export const standDownOf = (store: ItemStore, run: string): Promise<StandDown | undefined> =>
  store.get<StandDown>(standDownSort(run));

/** When the alarms that end the recovery's clock were all OK again, by the epoch that followed the failover. */
export const readResolved = (store: ItemStore, epoch: number): Promise<{ readonly at: number } | undefined> =>
  store.get<{ at: number }>(`resolved#${epoch}`);
export const writeResolved = (store: ItemStore, epoch: number, at: number): Promise<boolean> =>
  store.create(`resolved#${epoch}`, { at });

/** What AWS Health said last of the primary Region, latest last. */
export const readHealth = async (store: ItemStore): Promise<readonly HealthEvent[]> =>
  (await store.get<HealthEvent[]>('health')) ?? [];
export async function noteHealth(store: ItemStore, event: HealthEvent): Promise<void> {
  const known = await readHealth(store);
  await store.put('health', [...known.filter(({ at }) => event.at - at < 86_400_000), event].slice(-10));
}
