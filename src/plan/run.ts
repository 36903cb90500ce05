/** A run as every part of the product sees it, and what a step is handed. */

import type { Side } from '../workload/judged.ts';
import type { StepName } from './catalogue.ts';
import type { PlanName } from './graph.ts';

/** Every run ends in one of the last three. `aborted` has taken back what it had begun. */
export const runStatuses = ['running', 'succeeded', 'failed', 'aborted'] as const;
export type RunStatus = (typeof runStatuses)[number];

/** What started it. A person's start is itself the approval. */
export interface Trigger {
  readonly by: 'watcher' | 'person' | 'event';
  /** A sentence: the decision's, or who started it. */
  readonly why: string;
  /** When the primary last answered from outside, epoch milliseconds: the product's own best guess at the start of the outage. */
  readonly lastGood?: number;
  /** A person's approval, which this run uses up: its quote bounds what the run may lose. */
  readonly approval?: { readonly id: string; readonly by: string; readonly quote: string };
}

/** What an execution may be started with. All of it may be missing: a start by an authorised person is itself the approval. */
export interface StartInput {
  readonly trigger?: Trigger;
  /** False: a loss quoted beyond the objective ends the run before it has changed anything. */
  readonly acceptLoss?: boolean;
  /** Take the standing run over, whatever still carries it out. */
  readonly takeOver?: boolean;
  /** An EventBridge event's. */
  readonly 'detail-type'?: string;
}

/** The part of a run that travels from step to step. */
export interface RunReference {
  readonly id: string;
  readonly plan: PlanName;
  readonly version: number;
  /** The epoch the run acts in: every step checks it against the authority before it acts. */
  readonly epoch: number;
}

export interface RunRecord extends RunReference {
  readonly status: RunStatus;
  readonly trigger: Trigger;
  /** Epoch milliseconds of AWS time. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** What steps found out and later steps or the report need; small and never secret. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The error's name and message, which begins with the step that met it. */
  readonly failure?: { readonly error: string };
  readonly active: Side;
}

/** The event a step function is invoked with. The opening step has no run yet. */
export interface StepEvent {
  readonly step: StepName;
  readonly plan: PlanName;
  /** The execution that asks: its ARN, or the break-glass runner's id. */
  readonly execution: string;
  readonly run?: RunReference;
  /** The execution's own input, for the opening step. */
  readonly input?: unknown;
  /** Set on the closing step of a failed run. */
  readonly failure?: { readonly error: string; readonly cause: string };
  /** Take the step back, if the run hasn't committed. */
  readonly undo?: true;
  /** Begin the step, or take it back, on a suspicion in this epoch: there is no run yet. */
  readonly prepare?: { readonly epoch: number };
}

/** What the watcher asks of the function that switches sources, once a minute while they are opened further. */
export interface RampEvent {
  readonly ramp: true;
}

/** What one asking of a step leaves in the journal. */
export interface StepEntry {
  readonly run: string;
  readonly step: StepName;
  readonly outcome: 'already-true' | 'done' | 'not-yet' | 'failed' | 'held' | 'skipped' | 'undone';
  readonly at: number;
  /** Milliseconds of AWS time this asking took. */
  readonly took: number;
  readonly detail?: string;
}

/** Where entries go: the journal's store implements it, tests collect. */
export interface JournalWriter {
  write(entry: StepEntry): Promise<void>;
}

/** A failed function's cause is JSON with a stack trace around the message. */
export function failureMessage(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
