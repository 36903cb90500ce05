/** The break-glass runner at work in a rehearsal: what `pilot-light failover --break-glass` does, on the sandbox's clock, with its administrator's credentials. */

import { baseContext } from '../engines/base.ts';
import { journalWriter } from '../journal/store.ts';
import { systemIds } from '../kernel/ids.ts';
import type { PlanName } from '../plan/graph.ts';
import { planOf } from '../plan/plans.ts';
import type { StartInput } from '../plan/run.ts';
import type { Target } from '../rehearsal/target.ts';
import { runInProcess } from '../runner/in-process.ts';
import { readRun } from '../state/runs.ts';
import { runStep } from '../steps/run-step.ts';
import { stepContext } from '../steps/step.ts';
import type { Workload } from '../workload/config.ts';

export async function rehearsedBreakGlass(
  { clients, clock }: Pick<Target, 'clients' | 'clock'>,
  workload: Workload,
  plan: PlanName,
  { takeOver }: { readonly takeOver: boolean },
  onProgress: (says: string) => void,
): Promise<void> {
  const base = baseContext({ workload, clock, ids: systemIds, clientsFor: clients });
  const journal = journalWriter(base.store, base.ids);
  await runInProcess({
    plan: planOf(workload, plan),
    execution: `break-glass:rehearsal:${base.ids.hex(8)}`,
    input: {
      trigger: { by: 'person', why: 'started by a rehearsal' },
      ...(takeOver ? { takeOver } : {}),
    } satisfies StartInput,
    clock,
    ask: (event) => runStep(stepContext(base, event), journal),
    planOfRun: async ({ id }) => (await readRun(base.store, id))?.graph,
    onStep: (step, phase, detail) => onProgress(`${phase} ${step}${detail === undefined ? '' : `: ${detail}`}`),
  });
}
