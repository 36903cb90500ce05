/** The watcher's latest decision, and what people say back. */

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
