/** Pass: its input, or a fixed result, shaped. */

import type { StateHandler } from '../run.ts';

export const pass: StateHandler = async (state) => {
  const { definition, flow } = state;
  const result = definition.Result === undefined ? undefined : { value: definition.Result };
  return { ...(await flow.finish(state, result)), next: definition.Next };
};
