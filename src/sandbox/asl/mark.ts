/**
 * How an execution is written down: every history event is kept with the line of execution it belongs to and, where the event itself
 * doesn't say it, a mark of what follows from it. `recall.ts` reads both back. A transition costs no row beside its events; a wait's
 * deadline, a retry, a heartbeat and a token's answer are marks added to a row that is there already.
 */

import type { EventDraft } from './host.ts';
import type { Json } from './json.ts';

export interface Failure {
  readonly error?: string;
  readonly cause?: string;
  readonly aliases?: readonly string[];
  readonly location?: string;
}

export type Answer = { readonly output: Json } | { readonly failure: Failure };

export interface Mark {
  /** On leaving a state: the one to go to. Without it the line of execution ends. */
  readonly next?: string;
  /** A Wait's end, in AWS milliseconds. */
  readonly until?: number;
  /** A retry that is due at `at`; `retries` are those used up, per retrier; `previous` is the event the next attempt follows. */
  readonly retry?: { readonly retries: readonly number[]; readonly at: number; readonly previous: number };
  /** The names a timed out task answers to beside its own. */
  readonly aliases?: readonly string[];
  /** The token a task waits for, when its holder was last heard of, and the answer. */
  readonly token?: string;
  readonly beatAt?: number;
  readonly answer?: Answer;
  /** What the branches of a Parallel were given. */
  readonly given?: Json;
  /** The items of a Map, what its iterations get when that differs, and how many run at once. */
  readonly items?: readonly Json[];
  readonly inputs?: readonly Json[];
  readonly atOnce?: number;
  /** The error that ended this branch or iteration. */
  readonly failure?: Failure;
}

/** An event as it is kept. */
export type KeptEvent = EventDraft & {
  readonly id: number;
  readonly previousEventId: number;
  /** AWS milliseconds. */
  readonly timestamp: number;
  /** The path of its line of execution: see `Frame.path`. */
  readonly line: string;
  readonly mark?: Mark;
};
