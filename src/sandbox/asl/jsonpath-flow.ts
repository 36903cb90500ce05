/** Data flow in JSONPath: `InputPath`, `Parameters`, `ResultSelector`, `ResultPath`, `OutputPath`, and `Assign`. */

import { holds } from './choice-rules.ts';
import { contextOf } from './context.ts';
import type { DataFlow } from './data-flow.ts';
import { runtimeError, StatesError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { atPath, PathError, type PathRoots, withAtPath } from './json-path.ts';
import type { FunctionHost } from './jsonata-functions.ts';
import { expressed, fillTemplate, named } from './payload-template.ts';
import type { Finished, StateRun } from './run.ts';
import { variablesOf } from './run.ts';

export const jsonPathFlow: DataFlow = {
  async arguments(state, token) {
    return guarded(state, () => {
      const input = inputOf(state, token);
      const { Parameters } = state.definition;
      return Parameters === undefined ? input : fillTemplate(Parameters, rootsOf(state, input, token), hostOf(state));
    });
  },

  async finish(state, result) {
    const { definition, frame } = state;
    return guarded(state, () => {
      const input = inputOf(state);
      const { Parameters, ResultSelector, ResultPath } = definition;
      // A Pass without a Result has Parameters for one; without either, as in Wait and Succeed, its input stands.
      const unshaped = () =>
        Parameters === undefined ? input : fillTemplate(Parameters, rootsOf(state, input), hostOf(state));
      const produced = result === undefined ? unshaped() : result.value;
      const selected =
        ResultSelector === undefined ? produced : fillTemplate(ResultSelector, rootsOf(state, produced), hostOf(state));
      const joined = join(state, frame.input, selected, ResultPath);
      return { output: outputOf(state, joined), assigned: assignmentsOf(state, definition.Assign, produced) };
    });
  },

  async caught(state, { Assign, ResultPath }, error) {
    const value: JsonObject = { ...error };
    return guarded(state, () => ({
      output: join(state, state.frame.input, value, ResultPath),
      assigned: assignmentsOf(state, Assign, value),
    }));
  },

  async field(state, name) {
    const { definition } = state;
    const literal = definition[name];
    if (literal !== undefined) return literal;
    const path = definition[`${name}Path`];
    if (path === undefined) return undefined;
    const roots = rootsOf(state, inputOf(state));
    return guarded(state, () => {
      if (name === 'Error' || name === 'Cause') return named(`${name}Path`, path, roots, hostOf(state));
      if (name !== 'Seconds' && name !== 'Timestamp') return expressed(path, roots, hostOf(state));
      return waited(`${name}Path`, path, roots, hostOf(state));
    });
  },

  async choose(state, rule) {
    return guarded(state, () => holds(rule, rootsOf(state, inputOf(state))));
  },

  async chosen(state, rule): Promise<Finished> {
    return guarded(state, () => {
      const input = inputOf(state);
      return {
        output: outputOf(state, input),
        assigned: assignmentsOf(state, rule === undefined ? state.definition.Assign : rule.Assign, input),
      };
    });
  },

  async items(state) {
    const { definition, name, frame } = state;
    const items = guarded(state, () => atPath(definition.ItemsPath ?? '$', rootsOf(state, inputOf(state))));
    if (Array.isArray(items)) return items;
    throw runtimeError(
      name,
      frame.enteredEvent,
      `Reference path "${definition.ItemsPath ?? '$'}" must point to array.`,
    );
  },

  async itemInput(state, item, given) {
    const template = state.definition.ItemSelector ?? state.definition.Parameters;
    if (template === undefined) return given;
    return guarded(state, () => {
      const roots = rootsOf(state, inputOf(state));
      const context = { ...roots.context, Map: { Item: { ...item } } };
      return fillTemplate(template, { ...roots, context }, hostOf(state));
    });
  },
};

/** Words of AWS for a Wait whose path leads nowhere. */
function waited(field: string, path: string, roots: PathRoots, host: FunctionHost): Json {
  try {
    return expressed(path, roots, host);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    throw new PathError(`The ${field} parameter does not reference an input value: ${path}`);
  }
}

/** What the state works on: its input, narrowed by InputPath; null discards it. */
function inputOf(state: StateRun, token?: string): Json {
  const { InputPath } = state.definition;
  const { input } = state.frame;
  if (InputPath === undefined) return input;
  return InputPath === null ? {} : atPath(InputPath, rootsOf(state, input, token));
}

function join({ name, frame }: StateRun, input: Json, result: Json, path: string | null | undefined): Json {
  if (path === undefined || path === '$') return result;
  if (path === null) return input;
  try {
    return withAtPath(path, input, result);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    throw new StatesError(
      'States.ResultPathMatchFailure',
      `An error occurred while executing the state '${name}' (entered at the event id #${frame.enteredEvent}). ${error.message}`,
    );
  }
}

function outputOf(state: StateRun, value: Json): Json {
  const { OutputPath } = state.definition;
  if (OutputPath === undefined) return value;
  return OutputPath === null ? {} : atPath(OutputPath, rootsOf(state, value));
}

const assignmentsOf = (state: StateRun, template: JsonObject | undefined, value: Json): JsonObject =>
  template === undefined ? {} : (fillTemplate(template, rootsOf(state, value), hostOf(state)) as JsonObject);

const rootsOf = (state: StateRun, input: Json, token?: string): PathRoots => ({
  input,
  context: contextOf(state, token),
  variables: variablesOf(state.frame),
});

const hostOf = ({ run }: StateRun) => ({
  now: () => run.host.clock.now(),
  random: run.host.random,
  ids: run.host.ids,
});

/** A path that leads nowhere fails the execution: `States.Runtime`. */
function guarded<T>({ name, frame }: StateRun, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PathError) throw runtimeError(name, frame.enteredEvent, error.message);
    throw error;
  }
}
