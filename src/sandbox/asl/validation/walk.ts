/** Every state of a definition, branches and processors included, with where it stands. */

import type { QueryLanguage, StateDefinition, StatesDefinition } from '../definition.ts';
import { processorOf } from '../definition.ts';

export interface Place {
  readonly name: string;
  readonly state: StateDefinition;
  readonly path: string;
  readonly language: QueryLanguage;
  /** Sets of states around this one, outermost first, ending with its own. */
  readonly scopes: readonly Scope[];
}

export interface Scope {
  readonly path: string;
  readonly states: StatesDefinition;
}

export function* placesOf(
  states: StatesDefinition,
  language: QueryLanguage,
  path = '',
  outer: readonly Scope[] = [],
): Generator<Place> {
  const scopes = [...outer, { path, states }];
  for (const [name, state] of Object.entries(states.States ?? {})) {
    const own = `${path}/States/${name}`;
    yield { name, state, path: own, language: state.QueryLanguage ?? language, scopes };
    for (const { inner, at } of innerOf(state, own)) yield* placesOf(inner, language, at, scopes);
  }
}

function innerOf(state: StateDefinition, path: string): { inner: StatesDefinition; at: string }[] {
  const processor = processorOf(state);
  const branches = (state.Branches ?? []).map((inner, index) => ({ inner, at: `${path}/Branches[${index}]` }));
  return processor === undefined ? branches : [...branches, { inner: processor, at: `${path}/ItemProcessor` }];
}
