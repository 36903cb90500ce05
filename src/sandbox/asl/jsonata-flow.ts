/** Data flow in JSONata: `Arguments`, `Output`, `Assign`, with `$states` and variables. */

import { contextOf } from './context.ts';
import type { DataFlow } from './data-flow.ts';
import { occurred, StatesError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { evaluateTemplate, type JsonataScope } from './jsonata.ts';
import type { Finished, StateRun } from './run.ts';
import { variablesOf } from './run.ts';

export const jsonataFlow: DataFlow = {
  async arguments(state, token) {
    const { Arguments } = state.definition;
    return Arguments === undefined
      ? state.frame.input
      : evaluateTemplate(Arguments, 'Arguments', scopeOf(state, {}, token));
  },

  async finish(state, result) {
    const known: JsonObject = result === undefined ? {} : { result: result.value };
    const { Assign, Output } = state.definition;
    return leave(state, known, { Assign, Output, otherwise: result === undefined ? state.frame.input : result.value });
  },

  async caught(state, { Assign, Output }, error) {
    const errorOutput: JsonObject = { ...error };
    return leave(state, { errorOutput }, { Assign, Output, otherwise: errorOutput });
  },

  async field(state, name) {
    const given = state.definition[name];
    return given === undefined ? undefined : evaluateTemplate(given, name, scopeOf(state, {}));
  },

  async choose(state, { Condition = null }) {
    const value = await evaluateTemplate(Condition, 'Condition', scopeOf(state, {}));
    if (typeof value === 'boolean') return value;
    throw unexpected(
      state,
      typeof Condition === 'string' ? Condition : JSON.stringify(Condition),
      'Condition',
      'boolean',
      value,
    );
  },

  async chosen(state, rule) {
    const { Assign, Output } = rule ?? state.definition;
    return leave(state, {}, { Assign, Output, otherwise: state.frame.input });
  },

  async items(state) {
    const { Items } = state.definition;
    const items = Items === undefined ? state.frame.input : await evaluateTemplate(Items, 'Items', scopeOf(state, {}));
    if (Array.isArray(items)) return items;
    if (typeof Items === 'string') throw unexpected(state, Items, 'Items', 'array', items);
    const where = occurred(state.name, state.frame.enteredEvent);
    throw new StatesError(
      'States.QueryEvaluationError',
      `${where} Map state input must be an array but was: ${JSON.stringify(items)}`,
    );
  },

  async itemInput(state, item, given) {
    const { ItemSelector } = state.definition;
    if (ItemSelector === undefined) return given;
    const scope = scopeOf(state, {});
    const context = { ...(scope.states.context as JsonObject), Map: { Item: { ...item } } };
    return evaluateTemplate(ItemSelector, 'ItemSelector', { ...scope, states: { ...scope.states, context } });
  },
};

/** Output and assignments are evaluated side by side: neither sees what the other does. */
async function leave(
  state: StateRun,
  known: JsonObject,
  { Assign, Output, otherwise }: { Assign: JsonObject | undefined; Output: Json | undefined; otherwise: Json },
): Promise<Finished> {
  const scope = scopeOf(state, known);
  const assigned = Assign === undefined ? {} : ((await evaluateTemplate(Assign, 'Assign', scope)) as JsonObject);
  const output = Output === undefined ? otherwise : await evaluateTemplate(Output, 'Output', scope);
  return { output, assigned };
}

function scopeOf(state: StateRun, known: JsonObject, token?: string): JsonataScope {
  const { frame, run, name } = state;
  return {
    states: { input: frame.input, context: contextOf(state, token), ...known },
    variables: variablesOf(frame),
    host: { now: () => run.host.clock.now(), random: run.host.random, ids: run.host.ids },
    state: name,
    enteredEvent: frame.enteredEvent,
  };
}

function unexpected(
  { name, frame }: StateRun,
  text: string,
  field: string,
  expected: string,
  value: Json,
): StatesError {
  const expression = text.replace(/^\s*\{%\s*|\s*%\}\s*$/g, '');
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return new StatesError(
    'States.QueryEvaluationError',
    `${occurred(name, frame.enteredEvent)} The JSONata expression '${expression}' specified for the field '${field}' returned an unexpected result type. Expected '${expected}', but was '${kind}' for value: ${JSON.stringify(value)}`,
    { location: field },
  );
}
