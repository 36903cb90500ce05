/** A plan carried out in this process over a workload that stands: the same steps and journal as under Step Functions. */

import type { Base } from '../engines/base.ts';
import { journalWriter } from '../journal/store.ts';
import type { PlanName } from '../plan/graph.ts';
import { planOf } from '../plan/plans.ts';
import type { RunReference, StartInput } from '../plan/run.ts';
import { readRun } from '../state/runs.ts';
import { runStep } from '../steps/run-step.ts';
import { stepContext } from '../steps/step.ts';
import type { RunnerOptions } from './in-process.ts';
import { runInProcess } from './in-process.ts';

/** `who` names the execution, beside an id of its own. @throws what the failing step threw, after the run was closed. */
export function breakGlassOver(
  base: Base,
  plan: PlanName,
  {
    who,
    input,
    onStep,
  }: { readonly who: string; readonly input: StartInput } & Required<Pick<RunnerOptions, 'onStep'>>,
): Promise<RunReference> {
  const { clock, ids, store, workload } = base;
  const journal = journalWriter(store, ids);
  return runInProcess({
    plan: planOf(workload, plan),
    execution: `break-glass:${who}:${ids.hex(8)}`,
    input,
    clock,
    ask: (event) => runStep(stepContext(base, event), journal),
    planOfRun: async ({ id }) => (await readRun(store, id))?.graph,
    onStep,
  });
}
