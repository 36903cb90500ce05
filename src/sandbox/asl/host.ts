/** What the interpreter asks of its surroundings: time, chance, a history to write, and somebody to perform tasks. */

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids, Random } from '../../kernel/ids.ts';
import type { Json } from './json.ts';
import type { Answer, Mark } from './mark.ts';
import type { ServiceResource } from './resource.ts';

/** An event before it has its number and its time. */
export type EventDraft = Omit<HistoryEvent, 'id' | 'previousEventId' | 'timestamp' | 'type'> & {
  readonly type: NonNullable<HistoryEvent['type']>;
};

export interface TaskRequest {
  readonly resource: ServiceResource | { readonly kind: 'function'; readonly arn: string };
  readonly arguments: Json;
  /** Issued for `.waitForTaskToken`: who ends the task presents it. */
  readonly token: string | undefined;
  /**
   * Set when the task was begun in an earlier life of the sandbox: what its call answered and what its token's holder said, if known.
   * The call is not made again.
   */
  readonly begun: { readonly accepted?: { readonly value: Json }; readonly answer?: Answer } | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** The call was accepted and its job is awaited (`.waitForTaskToken`, `.sync`): what it answered. */
  submitted(output: Json): void;
  /** Whoever holds the token is alive. */
  heartbeat(): void;
  /** Whoever holds the token has spoken: kept before it is acknowledged. */
  answered(answer: Answer): void;
}

export interface EventRecord {
  readonly event: EventDraft;
  readonly previous: number;
  /** The path of the line of execution. */
  readonly line: string;
  readonly mark?: Mark | undefined;
}

export interface Host {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly region: string;
  /** Milliseconds from one state to the next. */
  latency(): number;
  /** Appends to the history and answers the event's number. Throws when the history is full. */
  record(record: EventRecord): number;
  /** Adds to the mark of an event. */
  note(event: number, mark: Mark): void;
  /** The token a `.waitForTaskToken` task is ended by. */
  newToken(): string;
  /** Rejects with `StatesError`. */
  perform(request: TaskRequest): Promise<Json>;
}
