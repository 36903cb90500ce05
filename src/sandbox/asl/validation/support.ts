/** What AWS has and this interpreter doesn't play: refused by name, never ignored. */

import { resourceOf } from '../resource.ts';
import { type Problem, schemaProblem, unsupportedProblem } from './problem.ts';
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
  const processor = state.ItemProcessor as { ProcessorConfig?: { Mode?: string; ExecutionType?: string } } | undefined;
  const distributed =
    processor?.ProcessorConfig?.Mode === 'DISTRIBUTED'
      ? [unsupportedProblem('distributed Map states', `${path}/ItemProcessor/ProcessorConfig/Mode`)]
      : [];
  const executionType = processor?.ProcessorConfig?.ExecutionType;
  const express =
    executionType === 'EXPRESS'
      ? [unsupportedProblem('express child workflows', `${path}/ItemProcessor/ProcessorConfig/ExecutionType`)]
      : [];
  return [...fields, ...distributed, ...express, ...resourceProblems(state, path)];
}

/** AWS knows activities and more services than are here; what is no resource at all, it doesn't recognize. */
function resourceProblems({ Type, Resource }: Place['state'], path: string): Problem[] {
  if (Type !== 'Task' || typeof Resource !== 'string' || resourceOf(Resource) !== undefined) return [];
  const at = `${path}/Resource`;
  if (/^arn:aws:states:[\w-]*:\d*:activity:/.test(Resource)) return [unsupportedProblem(`activities: ${Resource}`, at)];
  if (Resource.startsWith('arn:aws')) return [unsupportedProblem(`the resource ${Resource}`, at)];
  return [
    schemaProblem(
      `The resource provided ${Resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
      at,
    ),
  ];
}
