/** What the jury saw: sightings by independent observers, oldest first, and what the authority says. Plain data. */

import type { Side } from '../workload/judged.ts';

export const observers = [
  'public-name',
  'primary-balancer',
  'primary-apis',
  'replica-stream',
  'route53-verdict',
] as const;
export type Observer = (typeof observers)[number];

/** One observer's word at one moment. `unknown` is an observer that couldn't look: it never counts as a failure. */
export interface Sighting {
  readonly observer: Observer;
  readonly verdict: 'well' | 'failed' | 'unknown';
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

export interface World {
  readonly active: Side;
  readonly epoch: number;
  /** A run that holds the lock. */
  readonly holder: string | undefined;
  readonly brake: { readonly on: boolean; readonly why: string };
  /** Epoch milliseconds until which automation is locked out after a run. */
  readonly lockedOutUntil: number;
  /** The latest looks, oldest first. */
  readonly looks: readonly Look[];
}

export interface Policy {
  readonly trigger: 'automatic' | 'approve' | 'manual';
  /** Looks in a row that must agree. */
  readonly agreeing: number;
}
