/**
 * Names of variables: `states` is reserved, and a branch or an iteration doesn't assign what a set of states around it assigns.
 * Source: Step Functions Developer Guide, "Passing data between states with variables".
 */

import type { StatesDefinition } from '../definition.ts';
import { type Problem, schemaProblem } from './problem.ts';
import type { Place } from './walk.ts';

export function variableProblems(places: readonly Place[]): Problem[] {
  const assignedIn = new Map<StatesDefinition, Set<string>>();
  for (const { state, scopes } of places) {
    const own = scopes.at(-1)?.states;
    if (own === undefined) continue;
    const names = assignedIn.get(own) ?? new Set<string>();
    for (const { name } of assignments(state)) names.add(name);
    assignedIn.set(own, names);
  }
  return places.flatMap(({ state, path, scopes }) =>
    assignments(state).flatMap(({ name, field }) => {
      if (!/^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u.test(name) || name === 'states') {
        return [schemaProblem(`'${name}' is not a name a variable can have`, `${path}/${field}`)];
      }
      const around = scopes.slice(0, -1).some(({ states }) => assignedIn.get(states)?.has(name) === true);
      return around
        ? [
            schemaProblem(
              `The variable '${name}' is assigned in an outer scope and can't be assigned here`,
              `${path}/${field}`,
            ),
          ]
        : [];
    }),
  );
}

function assignments({ Assign, Catch = [], Choices = [] }: Place['state']): { name: string; field: string }[] {
  const all: [string, object | undefined][] = [
    ['Assign', Assign],
    ...Catch.map((catcher, index): [string, object | undefined] => [`Catch[${index}]/Assign`, catcher.Assign]),
    ...Choices.map((rule, index): [string, object | undefined] => [`Choices[${index}]/Assign`, rule.Assign]),
  ];
  return all.flatMap(([field, names]) =>
    Object.keys(names ?? {}).map((name) => ({ name: name.replace(/\.\$$/, ''), field: `${field}/${name}` })),
  );
}
