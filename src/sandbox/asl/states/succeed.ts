/** Succeed: ends this line of execution well. */

import type { StateHandler } from '../run.ts';

export const succeed: StateHandler = async (state) => ({ ...(await state.flow.finish(state)), next: undefined });
