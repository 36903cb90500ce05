/** Parallel: branches side by side; the first that fails fails them all. */

import type { StateHandler } from '../run.ts';
import { newFrame, record, variablesOf } from '../run.ts';
import { together } from './together.ts';

export const parallel: StateHandler = async (state) => {
  const { definition, frame, flow, run } = state;
  const input = await flow.arguments(state);
  const started = record(state, { type: 'ParallelStateStarted' });
  const outer = variablesOf(frame);
  const branches = (definition.Branches ?? []).map((branch) => ({
    definition: branch,
    frame: newFrame({ state: branch.StartAt, input, outer, previousEvent: started, item: frame.item }),
  }));
  const outputs = await together(state, branches, branches.length);
  run.host.record({ type: 'ParallelStateSucceeded' }, frame.previousEvent);
  return { ...(await flow.finish(state, { value: outputs })), next: definition.Next };
};
