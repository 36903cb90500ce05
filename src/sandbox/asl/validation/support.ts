/** What AWS has and this interpreter doesn't play: refused by name, never ignored. */

import { resourceOf } from '../resource.ts';
import { type Problem, unsupportedProblem } from './problem.ts';
import type { Place } from './walk.ts';

export const refusedFields: Readonly<Record<string, string>> = {
  ItemReader: 'distributed Map states (ItemReader)',
  ItemBatcher: 'distributed Map states (ItemBatcher)',
  ResultWriter: 'distributed Map states (ResultWriter)',
  ToleratedFailureCount: 'distributed Map states (ToleratedFailureCount)',
  ToleratedFailureCountPath: 'distributed Map states (ToleratedFailureCountPath)',
  ToleratedFailurePercentage: 'distributed Map states (ToleratedFailurePercentage)',
  ToleratedFailurePercentagePath: 'distributed Map states (ToleratedFailurePercentagePath)',
  Credentials: 'the field Credentials of a Task: tasks act as the role of the state machine',
};

export function supportProblems({ state, path }: Place): Problem[] {
  const fields = Object.keys(state)
    .filter((field) => field in refusedFields)
    .map((field) => unsupportedProblem(refusedFields[field] ?? field, `${path}/${field}`));
  const processor = state.ItemProcessor as { ProcessorConfig?: { Mode?: string } } | undefined;
  const distributed =
    processor?.ProcessorConfig?.Mode === 'DISTRIBUTED'
      ? [unsupportedProblem('distributed Map states', `${path}/ItemProcessor/ProcessorConfig/Mode`)]
      : [];
  const resource =
    state.Type === 'Task' && resourceOf(state.Resource ?? '') === undefined
      ? [unsupportedProblem(`the resource ${state.Resource}`, `${path}/Resource`)]
      : [];
  return [...fields, ...distributed, ...resource];
}
