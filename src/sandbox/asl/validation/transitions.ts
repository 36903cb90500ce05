/** Where states lead: to states of their own set, and to an end. */

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

const missing = (message: string, location: string): Problem => ({
  code: 'MISSING_TRANSITION_TARGET',
  message,
  location,
});
