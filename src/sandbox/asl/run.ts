/**
 * Where an execution stands, as plain data, and the state being run.
 *
 * A frame is one line of execution: the machine itself, a branch, an iteration. Frames hold nothing but JSON, so that an execution
 * can be written down; promises and signals live beside them.
 */

import type { DataFlow } from './data-flow.ts';
import type { StateDefinition, StatesDefinition } from './definition.ts';
import type { EventDraft, Host } from './host.ts';
import type { Json, JsonObject } from './json.ts';

export interface Frame {
  state: string;
  input: Json;
  /** Assigned in this frame. Those of outer frames can be read too, never assigned. */
  variables: JsonObject;
  /** What was assigned around this frame when it began. */
  readonly outer: JsonObject;
  /** Retries used in the present state: per retrier, and in all. */
  retries: number[];
  retryCount: number;
  /** AWS milliseconds at which the present state was entered, and the event that says so. */
  enteredAt: number;
  enteredEvent: number;
  previousEvent: number;
  /** The item of the Map around this frame, if any. */
  readonly item: { readonly Index: number; readonly Value: Json } | undefined;
  /** Frames of the present Parallel or Map. */
  children: Frame[];
}

export interface Run {
  /** `Execution` and `StateMachine` of the context object. */
  readonly context: JsonObject;
  readonly language: 'JSONata' | 'JSONPath';
  readonly host: Host;
  readonly root: Frame;
}

/** The state a frame stands in, as its handler sees it. */
export interface StateRun {
  readonly name: string;
  readonly definition: StateDefinition;
  readonly frame: Frame;
  readonly run: Run;
  readonly flow: DataFlow;
  readonly signal: AbortSignal;
  /** Runs the states of a branch or an iteration to their end. */
  readonly inner: (states: StatesDefinition, frame: Frame, signal: AbortSignal) => Promise<Json>;
}

export interface Finished {
  readonly output: Json;
  readonly assigned: JsonObject;
}

export interface Outcome extends Finished {
  /** The state to go to; undefined when this line of execution ends here. */
  readonly next: string | undefined;
}

export type StateHandler = (state: StateRun) => Promise<Outcome>;

export const newFrame = (start: {
  state: string;
  input: Json;
  outer?: JsonObject;
  previousEvent?: number;
  item?: Frame['item'];
}): Frame => ({
  state: start.state,
  input: start.input,
  variables: {},
  outer: start.outer ?? {},
  retries: [],
  retryCount: 0,
  enteredAt: 0,
  enteredEvent: 0,
  previousEvent: start.previousEvent ?? 0,
  item: start.item,
  children: [],
});

export const variablesOf = ({ outer, variables }: Frame): JsonObject => ({ ...outer, ...variables });

/** Appends an event that follows the frame's last one, and makes it the last. */
export function record({ run, frame }: Pick<StateRun, 'run' | 'frame'>, event: EventDraft): number {
  frame.previousEvent = run.host.record(event, frame.previousEvent);
  return frame.previousEvent;
}

/** The execution was stopped, or a sibling branch failed: this line of execution ends without an error of its own. */
export class Aborted extends Error {
  readonly bySibling: boolean;

  constructor(bySibling: boolean) {
    super('aborted');
    this.name = 'Aborted';
    this.bySibling = bySibling;
  }
}
