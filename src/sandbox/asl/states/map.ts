/** Map, inline: the same states for every item, at most 40 at once. */

import { processorOf } from '../definition.ts';
import { runtimeError } from '../errors.ts';
import type { GroupProgress, StateHandler, StateRun } from '../run.ts';
import { innerFrame, record, variablesOf } from '../run.ts';
import { succeeded } from './parallel.ts';
import { type Line, together } from './together.ts';

/** Source: Step Functions Developer Guide, "Using Map state in Inline mode". */
const mostAtOnce = 40;

export const map: StateHandler = async (state) => {
  const { definition, frame, flow } = state;
  const group = frame.progress.group ?? (await begin(state));
  const lines = group.items.map((_, index) => iteration(state, group, index));
  const outputs = await together(state, lines, group.atOnce);
  frame.previousEvent = frame.progress.group?.lastSuccess ?? frame.previousEvent;
  succeeded(state, 'MapStateSucceeded');
  return { ...(await flow.finish(state, { value: outputs })), next: definition.Next };
};

async function begin(state: StateRun): Promise<GroupProgress> {
  const { definition, frame, flow, run } = state;
  const items = await flow.items(state);
  const atOnce = await concurrencyOf(state);
  const inputs = await Promise.all(items.map((Value, Index) => flow.itemInput(state, { Index, Value }, Value)));
  const shaped = definition.ItemSelector !== undefined || definition.Parameters !== undefined;
  const event = record(
    state,
    { type: 'MapStateStarted', mapStateStartedEventDetails: { length: items.length } },
    { items, atOnce, ...(shaped ? { inputs } : {}) },
  );
  const group = { event, startedAt: run.host.clock.now(), given: null, items, inputs, atOnce };
  frame.progress = { group };
  return group;
}

function iteration(state: StateRun, { event, items, inputs }: GroupProgress, index: number): Line {
  const { definition, frame, run, name } = state;
  const processor = processorOf(definition) ?? { StartAt: '', States: {} };
  const line = innerFrame(run, {
    path: `${frame.path}/${event}.${index}`,
    state: processor.StartAt,
    input: inputs[index] ?? null,
    outer: variablesOf(frame),
    item: { Index: index, Value: items[index] ?? null },
  });
  const details = { name, index };
  const mark = { run, frame: line };
  return {
    definition: processor,
    frame: line,
    began() {
      line.previousEvent = frame.previousEvent;
      line.leftAt = run.host.clock.now();
      record(mark, { type: 'MapIterationStarted', mapIterationStartedEventDetails: details });
    },
    closed(how) {
      const id = record(mark, { type: `MapIteration${how}`, [`mapIteration${how}EventDetails`]: details });
      line.closed = true;
      const { group } = frame.progress;
      if (how === 'Succeeded' && group !== undefined) frame.progress = { group: { ...group, lastSuccess: id } };
    },
  };
}

async function concurrencyOf(state: StateRun): Promise<number> {
  const { definition, name, frame } = state;
  const found = await state.flow.field(state, 'MaxConcurrency');
  const path = definition.MaxConcurrencyPath;
  // Recorded on AWS: a path may lead to digits in a string, a literal may not.
  const given = path !== undefined && typeof found === 'string' && /^-?\d+$/.test(found) ? Number(found) : found;
  if (given === undefined || given === 0) return mostAtOnce;
  if (typeof given === 'number' && Number.isInteger(given) && given > 0) return Math.min(given, mostAtOnce);
  if (typeof given === 'number' && Number.isInteger(given)) {
    throw runtimeError(name, frame.enteredEvent, 'MaxConcurrency cannot be negative.');
  }
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  throw runtimeError(
    name,
    frame.enteredEvent,
    `The MaxConcurrency${path === undefined ? '' : 'Path'} field refers to value "${text}" which is not a valid integer: ${path ?? definition.MaxConcurrency}`,
  );
}
