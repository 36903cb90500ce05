/** Map, inline: the same states for every item, at most 40 at once. */

import { processorOf } from '../definition.ts';
import { runtimeError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { StateHandler, StateRun } from '../run.ts';
import { newFrame, record, variablesOf } from '../run.ts';
import { type Line, together } from './together.ts';

/** Source: Step Functions Developer Guide, "Using Map state in Inline mode". */
const mostAtOnce = 40;

export const map: StateHandler = async (state) => {
  const { definition, frame, flow, run } = state;
  const items = await flow.items(state);
  const atOnce = await concurrencyOf(state);
  const inputs = await Promise.all(items.map((Value, Index) => flow.itemInput(state, { Index, Value }, Value)));
  record(state, { type: 'MapStateStarted', mapStateStartedEventDetails: { length: items.length } });
  const lines = inputs.map((input, index) => iteration(state, input, { Index: index, Value: items[index] ?? null }));
  const outputs = await together(state, lines, atOnce);
  run.host.record({ type: 'MapStateSucceeded' }, frame.previousEvent);
  return { ...(await flow.finish(state, { value: outputs })), next: definition.Next };
};

function iteration(state: StateRun, input: Json, item: { Index: number; Value: Json }): Line {
  const { definition, frame, run, name } = state;
  const processor = processorOf(definition) ?? { StartAt: '', States: {} };
  const line = newFrame({ state: processor.StartAt, input, outer: variablesOf(frame), item });
  const details = { name, index: item.Index };
  const mark = { run, frame: line };
  return {
    definition: processor,
    frame: line,
    began() {
      line.previousEvent = frame.previousEvent;
      record(mark, { type: 'MapIterationStarted', mapIterationStartedEventDetails: details });
    },
    succeeded: () => record(mark, { type: 'MapIterationSucceeded', mapIterationSucceededEventDetails: details }),
    failed: () => record(mark, { type: 'MapIterationFailed', mapIterationFailedEventDetails: details }),
    aborted: () => record(mark, { type: 'MapIterationAborted', mapIterationAbortedEventDetails: details }),
  };
}

async function concurrencyOf(state: StateRun): Promise<number> {
  const given = await state.flow.field(state, 'MaxConcurrency');
  if (given === undefined || given === 0) return mostAtOnce;
  if (typeof given === 'number' && Number.isInteger(given) && given > 0) return Math.min(given, mostAtOnce);
  throw runtimeError(state.name, state.frame.enteredEvent, 'MaxConcurrency must be a whole number, not negative.');
}
