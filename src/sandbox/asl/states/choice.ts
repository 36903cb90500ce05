/** Choice: the first rule that holds says where to go. */

import { StatesError } from '../errors.ts';
import type { StateHandler } from '../run.ts';

export const choice: StateHandler = async (state) => {
  const { definition, flow, name } = state;
  for (const rule of definition.Choices ?? []) {
    if (await flow.choose(state, rule)) return { ...(await flow.chosen(state, rule)), next: rule.Next };
  }
  if (definition.Default === undefined) {
    throw new StatesError(
      'States.NoChoiceMatched',
      `No choice rule of the state '${name}' matched, and it has no Default.`,
    );
  }
  return { ...(await flow.chosen(state, undefined)), next: definition.Default };
};
