/** `pilot-light failover --break-glass`: the plan in this process, with the caller's own credentials. */

import { userInfo } from 'node:os';
import { clientsFor } from '../aws/clients.ts';
import { baseContext } from '../engines/base.ts';
import { journalWriter } from '../journal/store.ts';
import { wallClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import type { PlanName } from '../plan/graph.ts';
import { planOf } from '../plan/plans.ts';
import { runInProcess } from '../runner/in-process.ts';
import { readRun } from '../state/runs.ts';
import { runStep } from '../steps/run-step.ts';
import { stepContext } from '../steps/step.ts';
import { loadWorkload } from './load-workload.ts';

export async function breakGlass(plan: PlanName, options: { config?: string; endpoint?: string }): Promise<number> {
  const { workload } = await loadWorkload(options.config);
  const base = baseContext({
    workload,
    clock: wallClock,
    ids: systemIds,
    clientsFor: (region) => clientsFor(region, options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
  });
  const journal = journalWriter(base.store, base.ids);
  const run = await runInProcess({
    plan: planOf(workload, plan),
    execution: `break-glass:${userInfo().username}:${base.ids.hex(8)}`,
    clock: wallClock,
    ask: (event) => runStep(stepContext(base, event), journal),
    planOfRun: async ({ id }) => (await readRun(base.store, id))?.graph,
    onStep: (step, phase, detail) =>
      process.stdout.write(`${phase.padEnd(10)} ${step}${detail === undefined ? '' : `: ${detail}`}\n`),
  });
  process.stdout.write(`Run ${run.id} succeeded in epoch ${run.epoch}.\n`);
  return 0;
}
