/**
 * Where an execution stands, and the state being run.
 *
 * A frame is one line of execution: the machine itself, a branch, an iteration. What a frame holds can be recalled from the history
 * (`recall.ts`), so that an execution goes on in another life of the sandbox; promises and signals live beside it.
 */

import type { DataFlow } from './data-flow.ts';
import type { StateDefinition, StatesDefinition } from './definition.ts';
import type { EventDraft, Host } from './host.ts';
import type { Json, JsonObject } from './json.ts';
import type { Answer, Failure, Mark } from './mark.ts';

export interface Frame {
  /** '' is the machine itself; '/5.0' the first branch or iteration of what event 5 started; '/5.0/9.2' one inside of it. */
  readonly path: string;
  state: string;
  input: Json;
  /** Assigned in this frame. Those of outer frames can be read too, never assigned. */
  variables: JsonObject;
  /** What was assigned around this frame when it began. */
  outer: JsonObject;
  /** Retries used in the present state: per retrier, and in all. */
  retries: number[];
  retryCount: number;
  /** Whether the present state was entered; until then its line is on the way to it, since `leftAt`. */
  entered: boolean;
  leftAt: number;
  /** AWS milliseconds at which the present state was entered, and the event that says so; `entryFollowed` is the one before it. */
  enteredAt: number;
  enteredEvent: number;
  entryFollowed: number;
  /** The event the next one follows, and the last one of this frame's own: a Parallel follows its branches. */
  previousEvent: number;
  ownEvent: number;
  /** The item of the Map around this frame, if any. */
  item: { readonly Index: number; readonly Value: Json } | undefined;
  /** What the present state has done that must not be done twice. */
  progress: Progress;
  /** Set once the line of execution has ended: well, with an error, or because of a sibling's. */
  ended: { readonly output: Json } | undefined;
  failure: Failure | undefined;
  aborted: boolean;
  /** Whether the end of an iteration was written down. */
  closed: boolean;
}

interface Progress {
  readonly until?: number;
  readonly retry?: { readonly at: number; readonly previous: number };
  /** A failure that was written down and not dealt with yet. */
  readonly failure?: Failure;
  readonly task?: TaskProgress;
  readonly group?: GroupProgress;
  /** Whether it was written down that the Parallel or Map as a whole failed. */
  readonly failed?: boolean;
}

export interface TaskProgress {
  readonly scheduledAt: number;
  readonly timeout: number | undefined;
  readonly heartbeat: number | undefined;
  readonly token: string | undefined;
  readonly beatAt?: number;
  readonly started?: boolean;
  /** What the call answered whose job or token is waited for. */
  readonly accepted?: { readonly value: Json };
  readonly answer?: Answer;
  readonly result?: { readonly value: Json };
}

export interface GroupProgress {
  /** The event that started the group, and its time. */
  readonly event: number;
  readonly startedAt: number;
  readonly given: Json;
  readonly items: readonly Json[];
  readonly inputs: readonly Json[];
  readonly atOnce: number;
  readonly lastSuccess?: number;
  readonly succeeded?: boolean;
}

export interface Run {
  /** `Execution` and `StateMachine` of the context object. */
  readonly context: JsonObject;
  readonly language: 'JSONata' | 'JSONPath';
  readonly host: Host;
  readonly root: Frame;
  /** Frames of an earlier life that nobody has taken up yet, by path. */
  readonly recalled: Map<string, Frame>;
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

export const newFrame = (start: Pick<Frame, 'state' | 'input'> & Partial<Frame>): Frame => ({
  path: '',
  variables: {},
  outer: {},
  retries: [],
  retryCount: 0,
  entered: false,
  leftAt: 0,
  enteredAt: 0,
  enteredEvent: 0,
  entryFollowed: 0,
  previousEvent: 0,
  ownEvent: 0,
  item: undefined,
  progress: {},
  ended: undefined,
  failure: undefined,
  aborted: false,
  closed: false,
  ...start,
});

/** The frame of a branch or an iteration: as it was left in an earlier life, or a new one. */
export function innerFrame(
  { recalled }: Run,
  start: Pick<Frame, 'path' | 'state' | 'input' | 'outer' | 'item'> & Partial<Frame>,
): Frame {
  const known = recalled.get(start.path);
  if (known === undefined) return newFrame(start);
  recalled.delete(start.path);
  const { outer, item, state, input } = start;
  return Object.assign(known, { outer, item }, known.state === '' ? { state, input } : {});
}

export const variablesOf = ({ outer, variables }: Frame): JsonObject => ({ ...outer, ...variables });

/** Appends an event that follows the frame's last one, and makes it the last. */
export function record({ run, frame }: Pick<StateRun, 'run' | 'frame'>, event: EventDraft, mark?: Mark): number {
  frame.previousEvent = run.host.record({ event, previous: frame.previousEvent, line: frame.path, mark });
  frame.ownEvent = frame.previousEvent;
  return frame.previousEvent;
}

/** Adds to the mark of the frame's last own event. */
export const note = ({ run, frame }: Pick<StateRun, 'run' | 'frame'>, mark: Mark): void =>
  run.host.note(frame.ownEvent, mark);

/** The execution was stopped, or a sibling branch failed: this line of execution ends without an error of its own. */
export class Aborted extends Error {
  readonly bySibling: boolean;

  constructor(bySibling: boolean) {
    super('aborted');
    this.name = 'Aborted';
    this.bySibling = bySibling;
  }
}
