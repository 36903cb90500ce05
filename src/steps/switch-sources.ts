/** The event sources of the workload's functions: queues by their mappings, everything else by its rule. */

import type { Side } from '../workload/judged.ts';
import type { StepContext } from './step.ts';

/** Switches every event source of the workload's functions on one side; answers whether all of them are as asked. */
export async function switchSources(
  { workload, names, on }: Pick<StepContext, 'workload' | 'names' | 'on'>,
  side: Side,
  wanted: boolean,
): Promise<boolean> {
  for (const rule of names.functionRules) await (wanted ? on(side).rules.enable(rule) : on(side).rules.disable(rule));
  const goal = wanted ? 'Enabled' : 'Disabled';
  let settled = true;
  for (const name of Object.keys(workload.functions)) {
    for (const source of await on(side).sources.list(names.workloadFunction(name))) {
      if (source.state === goal) continue;
      settled = false;
      // A mapping in transition refuses updates (ResourceInUseException): it is asked again when it has settled.
      if (source.state === 'Enabled' || source.state === 'Disabled') await on(side).sources.switch(source.id, wanted);
    }
  }
  return settled;
}
