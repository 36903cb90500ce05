/** Fail: ends this line of execution with an error of the author's choosing. */

import { StatesError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { StateHandler } from '../run.ts';

export const fail: StateHandler = async (state) => {
  const error = await state.flow.field(state, 'Error');
  const cause = await state.flow.field(state, 'Cause');
  throw new StatesError(textOf(error), textOf(cause));
};

const textOf = (value: Json | undefined): string | undefined =>
  value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
