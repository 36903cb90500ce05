/**
 * Runs a set of states from where a frame stands to its end: entering, handing to the state type, retry and catch, leaving.
 *
 *  1. Every transition waits on the Region's clock: while the Region is dark nothing moves.
 *  2. The first retrier that takes an error decides; when its attempts are used up, or none takes it, the catchers are asked in order.
 *  3. Variables are assigned when a state is left, never while it runs.
 *  4. A frame may have come from an earlier life: what its `progress` says was done is not done again.
 */

import { sleep } from '../../kernel/clock.ts';
import type { Catcher, Retrier, StateDefinition, StatesDefinition } from './definition.ts';
import { errorFrom, StatesError, takes, writtenDown } from './errors.ts';
import { type Json, largestPayload, textSize, withinLimit } from './json.ts';
import { jsonataFlow } from './jsonata-flow.ts';
import { jsonPathFlow } from './jsonpath-flow.ts';
import { Aborted, type Frame, note, type Outcome, type Run, record, type StateRun, variablesOf } from './run.ts';
import { handlers } from './states/handlers.ts';

/** Answers the output of the last state. Rejects with `StatesError`, or with the signal's reason. */
export async function runStates(
  { States }: StatesDefinition,
  frame: Frame,
  run: Run,
  signal: AbortSignal,
): Promise<Json> {
  const { clock } = run.host;
  while (frame.ended === undefined) {
    if (!frame.entered) await sleep(clock, Math.max(0, frame.leftAt + run.host.latency() - clock.now()), signal);
    const definition = States[frame.state];
    if (definition === undefined) throw new StatesError('States.Runtime', `There is no state '${frame.state}'.`);
    await runState(definition, frame, run, signal);
  }
  return frame.ended.output;
}

async function runState(definition: StateDefinition, frame: Frame, run: Run, signal: AbortSignal): Promise<void> {
  const name = frame.state;
  const flow = (definition.QueryLanguage ?? run.language) === 'JSONata' ? jsonataFlow : jsonPathFlow;
  const inner: StateRun['inner'] = (states, child, until) => runStates(states, child, run, until);
  const state: StateRun = { name, definition, frame, run, flow, signal, inner };
  if (!frame.entered) enter(state);
  try {
    // A Parallel or Map taken up again after a sibling had failed has inner lines to bring to a stop.
    if (frame.progress.group === undefined) signal.throwIfAborted();
    const outcome = await attempts(state);
    withinLimit(outcome.output, name);
    withinVariables(frame, outcome);
    leave(state, outcome);
  } catch (error) {
    if (error instanceof Aborted && error.bySibling && isAbortable(definition.Type) && !frame.aborted) {
      record(state, { type: `${definition.Type}StateAborted` });
      frame.aborted = true;
    }
    throw error;
  }
}

function enter(state: StateRun): void {
  const { name, definition, frame, run } = state;
  Object.assign(frame, { retries: [], retryCount: 0, progress: {}, entered: true, enteredAt: run.host.clock.now() });
  frame.entryFollowed = frame.previousEvent;
  frame.enteredEvent = record(state, {
    type: `${definition.Type}StateEntered`,
    stateEnteredEventDetails: { name, input: JSON.stringify(frame.input), inputDetails: { truncated: false } },
  });
}

function leave(state: StateRun, outcome: Outcome): void {
  const { frame, run } = state;
  const { output, assigned, next } = outcome;
  const { type, details } = exited(state, outcome);
  record(state, { type, stateExitedEventDetails: details }, next === undefined ? undefined : { next });
  frame.variables = { ...frame.variables, ...assigned };
  Object.assign(frame, { entered: false, progress: {}, leftAt: run.host.clock.now() });
  if (next === undefined) frame.ended = { output };
  else Object.assign(frame, { state: next, input: output });
}

async function attempts(state: StateRun): Promise<Outcome> {
  const { definition, frame } = state;
  for (;;) {
    try {
      await dueRetry(state);
      const { failure } = frame.progress;
      if (failure !== undefined) throw errorFrom(failure);
      return await handlers[definition.Type](state);
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      noteEvaluation(state, error);
      if (retried(state, error)) continue;
      if (frame.progress.failed === true) frame.previousEvent = frame.ownEvent;
      else if (definition.Type === 'Parallel' || definition.Type === 'Map') {
        record(state, { type: `${definition.Type}StateFailed` });
      }
      const catcher = definition.Catch?.find(({ ErrorEquals }) => takes(ErrorEquals, error));
      if (catcher === undefined) throw error;
      return caught(state, catcher, error);
    }
  }
}

/** Waits until the next attempt is due, if one was put off. */
async function dueRetry({ frame, run, signal }: StateRun): Promise<void> {
  const { retry } = frame.progress;
  if (retry === undefined) return;
  await sleep(run.host.clock, Math.max(0, retry.at - run.host.clock.now()), signal);
  frame.previousEvent = retry.previous;
  frame.progress = {};
}

/** Puts the state off for another attempt, if a retrier takes the error and has attempts left. */
function retried(state: StateRun, error: StatesError): boolean {
  const { definition, frame, run } = state;
  const index = definition.Retry?.findIndex(({ ErrorEquals }) => takes(ErrorEquals, error)) ?? -1;
  const retrier = definition.Retry?.[index];
  const used = frame.retries[index] ?? 0;
  if (retrier === undefined || used >= (retrier.MaxAttempts ?? 3)) return false;
  frame.retries = (definition.Retry ?? []).map((_, at) => (frame.retries[at] ?? 0) + (at === index ? 1 : 0));
  frame.retryCount += 1;
  const at = run.host.clock.now() + retryDelay(retrier, used, () => run.host.random.next());
  const previous = frame.previousEvent;
  note(state, { retry: { retries: frame.retries, at, previous } });
  frame.progress = { retry: { at, previous } };
  return true;
}

/** Milliseconds before the retry that follows `used` earlier ones. */
export function retryDelay(retrier: Retrier, used: number, chance: () => number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds, JitterStrategy = 'NONE' } = retrier;
  const seconds = Math.min(IntervalSeconds * BackoffRate ** used, MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return 1000 * seconds * (JitterStrategy === 'FULL' ? chance() : 1);
}

async function caught(state: StateRun, catcher: Catcher, error: StatesError): Promise<Outcome> {
  try {
    const finished = await state.flow.caught(state, catcher, error.output);
    return { ...finished, next: catcher.Next };
  } catch (second) {
    if (second instanceof StatesError) noteEvaluation(state, second);
    throw second;
  }
}

/** A failed evaluation has an event of its own, written where it happened and not again around it. */
function noteEvaluation(state: StateRun, failure: StatesError): void {
  const { error, causeText, location } = failure;
  if (error !== 'States.QueryEvaluationError' || writtenDown.has(failure)) return;
  writtenDown.add(failure);
  // As recorded on AWS, it follows what the state's entry followed.
  state.frame.previousEvent = state.frame.entryFollowed;
  record(state, {
    type: 'EvaluationFailed',
    evaluationFailedEventDetails: {
      state: state.name,
      error,
      cause: causeText ?? '',
      ...(location === undefined ? {} : { location }),
    },
  });
}

/** Bytes: of one Assign, and of all variables a line of execution can see. Source: Step Functions Developer Guide, "variables", limits. */
const mostAssigned = largestPayload;
const mostStored = 10 * 1024 * 1024;

function withinVariables(frame: Frame, { assigned }: Outcome): void {
  if (Object.keys(assigned).length === 0) return;
  const { state } = frame;
  const stored = { ...variablesOf(frame), ...assigned };
  // Each is within one Assign: it takes more than forty to be too many.
  const many = Object.keys(stored).length > mostStored / mostAssigned;
  const fits = textSize(JSON.stringify(assigned)) <= mostAssigned;
  if (fits && !(many && textSize(JSON.stringify(stored)) > mostStored)) return;
  throw new StatesError(
    'States.DataLimitExceeded',
    `The state '${state}' assigned variables with a size exceeding the maximum number of bytes service limit.`,
  );
}

function exited({ name, definition }: StateRun, { output, assigned }: Outcome) {
  const type = `${definition.Type as Exclude<StateDefinition['Type'], 'Fail'>}StateExited` as const;
  const variables = Object.entries(assigned).map(([key, value]) => [key, JSON.stringify(value)] as const);
  const details = {
    name,
    output: JSON.stringify(output),
    outputDetails: { truncated: false },
    ...(variables.length === 0
      ? {}
      : { assignedVariables: Object.fromEntries(variables), assignedVariablesDetails: { truncated: false } }),
  };
  return { type, details };
}

const isAbortable = (type: StateDefinition['Type']): type is 'Task' | 'Wait' | 'Parallel' | 'Map' =>
  type === 'Task' || type === 'Wait' || type === 'Parallel' || type === 'Map';
