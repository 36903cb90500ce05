/** `pilot-light failover --break-glass`: the plan in this process, with the caller's own credentials, from the same journal. */

import { userInfo } from 'node:os';
import { journalWriter } from '../journal/store.ts';
import { isoTime } from '../kernel/clock.ts';
import type { PlanName } from '../plan/graph.ts';
import { planOf } from '../plan/plans.ts';
import type { StartInput } from '../plan/run.ts';
import type { StepPhase } from '../runner/in-process.ts';
import { runInProcess } from '../runner/in-process.ts';
import { readRun } from '../state/runs.ts';
import { runStep } from '../steps/run-step.ts';
import { stepContext } from '../steps/step.ts';
import { actingBase } from './asked-clients.ts';
import type { MoveFlags } from './run-commands.ts';
import { printJson, shortTime } from './text.ts';

const marks: Readonly<Record<StepPhase, string>> = {
  asked: '>',
  waiting: '!',
  done: '+',
  failed: 'x',
  'taken back': '<',
};

export async function breakGlass(plan: PlanName, flags: MoveFlags): Promise<number> {
  const base = await actingBase(flags);
  const { clock, ids, store, workload } = base;
  const journal = journalWriter(store, ids);
  const user = userInfo().username;
  const input: StartInput = {
    trigger: { by: 'person', why: `started by ${user}${flags.why === undefined ? '' : `: ${flags.why}`}` },
    ...(plan === 'failover' && flags.acceptLoss === true ? { acceptLoss: true } : {}),
    ...(flags.takeOver === true ? { takeOver: true } : {}),
  };
  const out = flags.json === true ? process.stderr : process.stdout;
  const run = await runInProcess({
    plan: planOf(workload, plan),
    execution: `break-glass:${user}:${ids.hex(8)}`,
    input,
    clock,
    ask: (event) => runStep(stepContext(base, event), journal),
    planOfRun: async ({ id }) => (await readRun(store, id))?.graph,
    onStep: (step, phase, detail) =>
      out.write(
        `${shortTime(isoTime(clock.now()))}  ${marks[phase]} ${step}${detail === undefined ? '' : `: ${detail}`}\n`,
      ),
  });
  out.write(`Run ${run.id} succeeded in epoch ${run.epoch}.\n`);
  if (flags.json === true) printJson(await readRun(store, run.id));
  return 0;
}
