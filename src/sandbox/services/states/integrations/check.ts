/** Whether every Task of a definition asks for something that can be called here. */

import type { MachineDefinition } from '../../../asl/definition.ts';
import { resourceOf } from '../../../asl/resource.ts';
import { type Problem, unsupportedProblem } from '../../../asl/validation/problem.ts';
import { placesOf } from '../../../asl/validation/walk.ts';
import type { SandboxCore } from '../../../contract.ts';
import { integrationProblem } from './catalogue.ts';

export async function integrationProblems(core: SandboxCore, definition: MachineDefinition): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { state, path } of placesOf(definition, definition.QueryLanguage ?? 'JSONPath')) {
    const resource = state.Resource === undefined ? undefined : resourceOf(state.Resource);
    const problem = resource?.kind === 'service' ? await integrationProblem(core, resource) : undefined;
    if (problem !== undefined) problems.push(unsupportedProblem(problem, `${path}/Resource`));
  }
  return problems;
}
