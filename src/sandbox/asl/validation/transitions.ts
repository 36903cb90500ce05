/** Where states lead: to states of their own set, and to an end. */

import type { StatesDefinition } from '../definition.ts';
import type { Problem } from './problem.ts';
import type { Place } from './walk.ts';

export function transitionProblems({ state, path, scopes }: Place): Problem[] {
  const { states } = scopes.at(-1) ?? { states: { StartAt: '', States: {} } };
  const targets: [string, string | undefined][] = [
    ['Next', state.Next],
    ['Default', state.Default],
    ...(state.Catch ?? []).map(({ Next }, index): [string, string] => [`Catch[${index}]/Next`, Next]),
    ...(state.Choices ?? []).map(({ Next }, index): [string, string | undefined] => [`Choices[${index}]/Next`, Next]),
  ];
  const astray = targets
    .filter(([, target]) => target !== undefined && !(target in states.States))
    .map(([field, target]) => missing(`Missing '${field.split('/').at(-1)}' target: ${target}`, `${path}/${field}`));
  const inner = [...(state.Branches ?? []), state.ItemProcessor ?? state.Iterator].flatMap((set) =>
    set === undefined || set.StartAt in set.States ? [] : [missing(`Missing 'StartAt' target: ${set.StartAt}`, path)],
  );
  return [...astray, ...inner];
}

/** States that no other one leads to. */
export function reachProblems(places: readonly Place[]): Problem[] {
  const reached = new Map<StatesDefinition, Set<string>>();
  for (const { state, scopes } of places) {
    const own = scopes.at(-1)?.states;
    if (own === undefined) continue;
    const names = reached.get(own) ?? new Set([own.StartAt]);
    for (const { Next } of [state, ...(state.Catch ?? []), ...(state.Choices ?? [])])
      if (Next !== undefined) names.add(Next);
    if (state.Default !== undefined) names.add(state.Default);
    reached.set(own, names);
  }
  return places.flatMap(({ name, path, scopes }) => {
    const own = scopes.at(-1)?.states;
    return own === undefined || reached.get(own)?.has(name) === true
      ? []
      : [missing(`State "${name}" is not reachable.`, path)];
  });
}

const missing = (message: string, location: string): Problem => ({
  code: 'MISSING_TRANSITION_TARGET',
  message,
  location,
});
