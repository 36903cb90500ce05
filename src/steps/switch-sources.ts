/** The event sources of the workload's functions: queues by their mappings, everything else by its rule. */

import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import type { StepContext } from './step.ts';

/** How many invocations at a time a source is switched on with; undefined: as many as Lambda gives. */
export type Most = (spec: Workload['functions'][string]) => number | undefined;

/** As the template declares it: where a source is left to itself, deploying changes nothing. */
export const asDeclared: Most = ({ maxConcurrency }) => maxConcurrency;

/** Switches every event source of the workload's functions on one side; answers whether all of them are as asked. */
export async function switchSources(
  { workload, names, on }: Pick<StepContext, 'workload' | 'names' | 'on'>,
  side: Side,
  wanted: boolean,
  most: Most = asDeclared,
): Promise<boolean> {
  for (const rule of names.functionRules) await (wanted ? on(side).rules.enable(rule) : on(side).rules.disable(rule));
  const goal = wanted ? 'Enabled' : 'Disabled';
  let settled = true;
  for (const [name, spec] of Object.entries(workload.functions)) {
    for (const source of await on(side).sources.list(names.workloadFunction(name))) {
      // One that is off is left as declared; how wide one that is on is opened further is its ramp's to say.
      if (source.state === goal && (wanted || source.most === asDeclared(spec))) continue;
      settled = false;
      // A mapping in transition refuses updates (ResourceInUseException): it is asked again when it has settled.
      if (source.state === 'Enabled' || source.state === 'Disabled')
        await on(side).sources.switch(source.id, wanted, wanted ? most(spec) : asDeclared(spec));
    }
  }
  return settled;
}
