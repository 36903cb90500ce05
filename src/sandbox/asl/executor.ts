/**
 * Runs a set of states from where a frame stands to its end: entering, handing to the state type, retry and catch, leaving.
 *
 *  1. Every transition waits on the Region's clock: while the Region is dark nothing moves.
 *  2. The first retrier that takes an error decides; when its attempts are used up, or none takes it, the catchers are asked in order.
 *  3. Variables are assigned when a state is left, never while it runs.
 */

import { sleep } from '../../kernel/clock.ts';
import type { Catcher, Retrier, StateDefinition, StatesDefinition } from './definition.ts';
import { StatesError, takes } from './errors.ts';
import { type Json, largestPayload, textSize, withinLimit } from './json.ts';
import { jsonataFlow } from './jsonata-flow.ts';
import { jsonPathFlow } from './jsonpath-flow.ts';
import { Aborted, type Frame, type Outcome, type Run, record, type StateRun } from './run.ts';
import { handlers } from './states/handlers.ts';

/** Answers the output of the last state. Rejects with `StatesError`, or with the signal's reason. */
export async function runStates(
  { States }: StatesDefinition,
  frame: Frame,
  run: Run,
  signal: AbortSignal,
): Promise<Json> {
  for (;;) {
    await sleep(run.host.clock, run.host.latency(), signal);
    const definition = States[frame.state];
    if (definition === undefined) throw new StatesError('States.Runtime', `There is no state '${frame.state}'.`);
    const { output, assigned, next } = await runState(definition, frame, run, signal);
    frame.variables = { ...frame.variables, ...assigned };
    if (next === undefined) return output;
    Object.assign(frame, { state: next, input: output });
  }
}

async function runState(definition: StateDefinition, frame: Frame, run: Run, signal: AbortSignal): Promise<Outcome> {
  const name = frame.state;
  const flow = (definition.QueryLanguage ?? run.language) === 'JSONata' ? jsonataFlow : jsonPathFlow;
  const inner: StateRun['inner'] = (states, child, until) => runStates(states, child, run, until);
  const state: StateRun = { name, definition, frame, run, flow, signal, inner };
  Object.assign(frame, { retries: [], retryCount: 0, children: [], enteredAt: run.host.clock.now() });
  frame.enteredEvent = record(state, {
    type: `${definition.Type}StateEntered`,
    stateEnteredEventDetails: { name, input: JSON.stringify(frame.input), inputDetails: { truncated: false } },
  });
  try {
    const outcome = await attempts(state);
    withinLimit(outcome.output, name);
    withinVariables(frame, outcome);
    const { type, details } = exited(state, outcome);
    record(state, { type, stateExitedEventDetails: details });
    return outcome;
  } catch (error) {
    if (error instanceof Aborted && error.bySibling && isAbortable(definition.Type)) {
      record(state, { type: `${definition.Type}StateAborted` });
    }
    throw error;
  }
}

async function attempts(state: StateRun): Promise<Outcome> {
  const { definition, frame, run, signal } = state;
  for (;;) {
    try {
      return await handlers[definition.Type](state);
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      noteEvaluation(state, error);
      const index = definition.Retry?.findIndex(({ ErrorEquals }) => takes(ErrorEquals, error)) ?? -1;
      const retrier = definition.Retry?.[index];
      const used = frame.retries[index] ?? 0;
      if (retrier !== undefined && used < (retrier.MaxAttempts ?? 3)) {
        frame.retries[index] = used + 1;
        frame.retryCount += 1;
        await sleep(
          run.host.clock,
          retryDelay(retrier, used, () => run.host.random.next()),
          signal,
        );
        continue;
      }
      if (definition.Type === 'Parallel' || definition.Type === 'Map') {
        record(state, { type: `${definition.Type}StateFailed` });
      }
      const catcher = definition.Catch?.find(({ ErrorEquals }) => takes(ErrorEquals, error));
      if (catcher === undefined) throw error;
      return caught(state, catcher, error);
    }
  }
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
  if (error === undefined || location === undefined || noted.has(failure)) return;
  noted.add(failure);
  record(state, {
    type: 'EvaluationFailed',
    evaluationFailedEventDetails: { state: state.name, error, cause: causeText ?? '', location },
  });
}

const noted = new WeakSet<StatesError>();

/** Source of the limit: Step Functions Developer Guide, "Passing data between states with variables". */
const mostAssigned = largestPayload;

function withinVariables({ state }: Frame, { assigned }: Outcome): void {
  if (textSize(JSON.stringify(assigned)) <= mostAssigned) return;
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
