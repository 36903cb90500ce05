/** Parallel: branches side by side; the first that fails fails them all. */

import type { GroupProgress, StateHandler, StateRun } from '../run.ts';
import { innerFrame, record, variablesOf } from '../run.ts';
import { together } from './together.ts';

export const parallel: StateHandler = async (state) => {
  const { definition, frame, flow, run } = state;
  const { event, startedAt, given } = frame.progress.group ?? (await begin(state));
  const outer = variablesOf(frame);
  const branches = (definition.Branches ?? []).map((branch, index) => ({
    definition: branch,
    frame: innerFrame(run, {
      path: `${frame.path}/${event}.${index}`,
      state: branch.StartAt,
      input: given,
      outer,
      item: frame.item,
      leftAt: startedAt,
      previousEvent: event,
    }),
  }));
  const outputs = await together(state, branches, branches.length);
  succeeded(state, 'ParallelStateSucceeded');
  return { ...(await flow.finish(state, { value: outputs })), next: definition.Next };
};

async function begin(state: StateRun): Promise<GroupProgress> {
  const { frame, flow, run } = state;
  const given = await flow.arguments(state);
  const event = record(state, { type: 'ParallelStateStarted' }, { given });
  const group = { event, startedAt: run.host.clock.now(), given, items: [], inputs: [], atOnce: 0 };
  frame.progress = { group };
  return group;
}

/** Written down beside the line: what comes next follows what this event follows. */
export function succeeded({ frame, run }: StateRun, type: 'ParallelStateSucceeded' | 'MapStateSucceeded'): void {
  const { group } = frame.progress;
  if (group === undefined || group.succeeded === true) return;
  frame.ownEvent = run.host.record({ event: { type }, previous: frame.previousEvent, line: frame.path });
  frame.progress = { group: { ...group, succeeded: true } };
}
