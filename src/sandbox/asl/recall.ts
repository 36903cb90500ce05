/**
 * Where an execution stood when its history ended: the frames of all its lines, from its kept events and their marks.
 * Applied in the order of events; a mark speaks of the time after its event, and what follows on the same line overrides it.
 */

import type { Json, JsonObject } from './json.ts';
import type { Failure, KeptEvent, Mark } from './mark.ts';
import { type Frame, newFrame, type TaskProgress } from './run.ts';

/** Frames by path; the machine's own is always there. */
export function recallFrames(events: readonly KeptEvent[], startAt: string, input: Json): Map<string, Frame> {
  const frames = new Map<string, Frame>([['', newFrame({ state: startAt, input })]]);
  for (const event of events) {
    const frame = frames.get(event.line) ?? newFrame({ path: event.line, state: '', input: null });
    frames.set(event.line, frame);
    follow(frame, event);
    const parent = frames.get(frame.path.slice(0, Math.max(0, frame.path.lastIndexOf('/'))));
    if (parent !== undefined && parent !== frame) followInner(parent, frame, event);
    if (event.mark !== undefined) apply(frame, event.mark);
  }
  return frames;
}

function follow(frame: Frame, event: KeptEvent): void {
  const { type, id } = event;
  frame.previousEvent = id;
  frame.ownEvent = id;
  const change = /State(Entered|Exited|Aborted)$/.exec(type)?.[1];
  if (change === 'Entered') enter(frame, event);
  else if (change === 'Exited') leave(frame, event);
  else if (change === 'Aborted') frame.aborted = true;
  else followInside(frame, event);
}

/** Events between a state's entry and its exit, and of lines as such. */
function followInside(frame: Frame, event: KeptEvent): void {
  const { type, id, timestamp, mark = {} } = event;
  switch (type) {
    case 'ExecutionStarted':
      frame.previousEvent = 0;
      frame.leftAt = timestamp;
      return;
    case 'MapIterationStarted':
      frame.leftAt = timestamp;
      return;
    case 'MapIterationSucceeded':
    case 'MapIterationFailed':
    case 'MapIterationAborted':
      frame.closed = true;
      return;
    case 'ParallelStateStarted':
    case 'MapStateStarted': {
      const { given = null, items = [], inputs = items, atOnce = Number.POSITIVE_INFINITY } = mark;
      frame.progress = { group: { event: id, startedAt: timestamp, given, items, inputs, atOnce } };
      return;
    }
    case 'ParallelStateSucceeded':
    case 'MapStateSucceeded':
      frame.previousEvent = event.previousEventId;
      if (frame.progress.group !== undefined) frame.progress = { group: { ...frame.progress.group, succeeded: true } };
      return;
    case 'ParallelStateFailed':
    case 'MapStateFailed':
      frame.progress = { ...frame.progress, failed: true };
      return;
    case 'EvaluationFailed':
      frame.progress = { ...frame.progress, failure: failureIn(event.evaluationFailedEventDetails) };
      return;
    default:
      followTask(frame, event);
  }
}

function enter(frame: Frame, { id, previousEventId, timestamp, stateEnteredEventDetails }: KeptEvent): void {
  const { name = '', input = 'null' } = stateEnteredEventDetails ?? {};
  Object.assign(frame, {
    state: name,
    input: JSON.parse(input) as Json,
    entered: true,
    enteredAt: timestamp,
    enteredEvent: id,
    entryFollowed: previousEventId,
    retries: [],
    retryCount: 0,
    progress: {},
  });
}

function leave(frame: Frame, { timestamp, stateExitedEventDetails, mark }: KeptEvent): void {
  const { output: text = 'null', assignedVariables = {} } = stateExitedEventDetails ?? {};
  const output = JSON.parse(text) as Json;
  const assigned = Object.entries(assignedVariables).map(([name, value]) => [name, JSON.parse(value) as Json] as const);
  frame.variables = { ...frame.variables, ...(Object.fromEntries(assigned) as JsonObject) };
  Object.assign(frame, { entered: false, leftAt: timestamp, progress: {} });
  if (mark?.next === undefined) frame.ended = { output };
  else Object.assign(frame, { state: mark.next, input: output });
}

function followTask(frame: Frame, event: KeptEvent): void {
  const { type, timestamp, mark = {} } = event;
  const scheduled = event.taskScheduledEventDetails ?? event.lambdaFunctionScheduledEventDetails;
  if (scheduled !== undefined) {
    const { timeoutInSeconds: timeout, heartbeatInSeconds: heartbeat } = scheduled as {
      timeoutInSeconds?: number;
      heartbeatInSeconds?: number;
    };
    frame.progress = { task: { scheduledAt: timestamp, timeout, heartbeat, token: mark.token } };
  } else if (type === 'TaskStarted' || type === 'LambdaFunctionStarted') taskGoes(frame, { started: true });
  else if (type === 'TaskSubmitted') {
    taskGoes(frame, { accepted: { value: valueIn(event.taskSubmittedEventDetails) }, beatAt: timestamp });
  } else if (type === 'TaskSucceeded' || type === 'LambdaFunctionSucceeded') {
    const details = event.taskSucceededEventDetails ?? event.lambdaFunctionSucceededEventDetails;
    taskGoes(frame, { result: { value: valueIn(details) } });
  } else if (/^(Task|LambdaFunction)(Failed|TimedOut)$/.test(type)) {
    const details =
      event.taskFailedEventDetails ??
      event.taskTimedOutEventDetails ??
      event.lambdaFunctionFailedEventDetails ??
      event.lambdaFunctionTimedOutEventDetails;
    const { aliases } = mark;
    frame.progress = { failure: { ...failureIn(details), ...(aliases === undefined ? {} : { aliases }) } };
  }
}

const valueIn = (details: { readonly output?: string | undefined } | undefined): Json =>
  JSON.parse(details?.output ?? 'null') as Json;

const failureIn = ({
  error,
  cause,
  location,
}: {
  error?: string | undefined;
  cause?: string | undefined;
  location?: string | undefined;
} = {}): Failure => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
  ...(location === undefined ? {} : { location }),
});

function taskGoes(frame: Frame, more: Partial<TaskProgress>): void {
  const { task } = frame.progress;
  if (task !== undefined) frame.progress = { task: { ...task, ...more } };
}

/** A Parallel or a Map follows what ended inside of it. */
function followInner(parent: Frame, inner: Frame, { type, id }: KeptEvent): void {
  if (inner.ended !== undefined && type.endsWith('StateExited')) parent.previousEvent = id;
  const { group } = parent.progress;
  if (type === 'MapIterationSucceeded' && group !== undefined) {
    parent.progress = { ...parent.progress, group: { ...group, lastSuccess: id } };
  }
}

function apply(frame: Frame, { until, retry, token, beatAt, answer, failure }: Mark): void {
  if (until !== undefined) frame.progress = { until };
  if (retry !== undefined) {
    const { at, previous, retries } = retry;
    frame.retries = [...retries];
    frame.retryCount = retries.reduce((sum, used) => sum + used, 0);
    frame.progress = { retry: { at, previous } };
  }
  if (token !== undefined) taskGoes(frame, { token });
  if (beatAt !== undefined) taskGoes(frame, { beatAt });
  if (answer !== undefined) taskGoes(frame, { answer });
  if (failure !== undefined) frame.failure = failure;
}
