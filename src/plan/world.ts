/** What the jury saw, and what the authority says: all that a decision is made from. Plain data. */

import type { Side } from '../workload/judged.ts';
import type { ApprovalRequest } from './approval.ts';
import type { FindingCode } from './findings.ts';

/** Those that speak of the primary Region, and those that say whether the recovery Region could take over. */
export const primaryObservers = [
  'public-name',
  'primary-balancer',
  'primary-ready',
  'primary-apis',
  'replica-stream',
  'route53-verdict',
  'primary-alarms',
  'outside-alarms',
] as const;
export const recoveryObservers = [
  'recovery-apis',
  'recovery-capacity',
  'replica-status',
  'replica-sound',
  'replica-fresh',
] as const;
export const observers = [...primaryObservers, ...recoveryObservers] as const;
export type Observer = (typeof observers)[number];

export type Verdict = 'well' | 'failed' | 'unknown';

/** One observer's word at one moment. `unknown` is an observer that couldn't look: it never counts as a failure. */
export interface Sighting {
  readonly observer: Observer;
  readonly verdict: Verdict;
  /** Epoch milliseconds. */
  readonly at: number;
  /** What was seen, in a few words: a status, an error's name, a position. */
  readonly seen: string;
}

/** One look: every observer's sighting, taken together. */
export interface Look {
  readonly at: number;
  readonly sightings: readonly Sighting[];
}

/** Looks in a row in which every observer said the same. */
export interface Stretch {
  readonly since: number;
  /** When the latest of them was taken. */
  readonly at: number;
  readonly looks: number;
  /** The latest look's. */
  readonly sightings: readonly Sighting[];
}

/** What is known of the past: enough to decide on, and to go on with after a restart. */
export interface Memory {
  /** Oldest first. */
  readonly stretches: readonly Stretch[];
  /** When the service was last seen well from outside. */
  readonly lastGood: number | undefined;
  /** The findings of late, and since when: through looks that don't agree they stay. */
  readonly spells: Readonly<Partial<Record<FindingCode, number>>>;
}

/** A person has seen it: until the finding changes it neither warns nor acts any more. */
export interface Acknowledgement {
  readonly finding: FindingCode;
  readonly at: number;
  readonly by: string;
  readonly why: string;
}

/** What AWS Health says of the primary Region. Late and best effort: it explains, and decides nothing. */
export interface HealthEvent {
  readonly at: number;
  readonly says: string;
}

export interface World extends Memory {
  readonly active: Side;
  readonly epoch: number;
  /** The run that holds the lock, and who started it, if that is known. */
  readonly holder: { readonly run: string; readonly by: 'watcher' | 'person' | 'event' | undefined } | undefined;
  readonly brake: { readonly on: boolean; readonly why: string };
  /** Epoch milliseconds until which automation is locked out after a run. */
  readonly lockedOutUntil: number;
  /** Since when reversible steps stand begun on a suspicion. */
  readonly preparedSince?: number | undefined;
  readonly acknowledged?: Acknowledgement | undefined;
  /** The latest thing a person was asked, whatever has become of it. */
  readonly request?: ApprovalRequest | undefined;
  readonly health?: readonly HealthEvent[];
}
