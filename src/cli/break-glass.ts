/** `pilot-light failover --break-glass`: the plan in this process, with the caller's own credentials, from the same journal. */

import { userInfo } from 'node:os';
import { isoTime } from '../kernel/clock.ts';
import type { PlanName } from '../plan/graph.ts';
import type { StartInput } from '../plan/run.ts';
import { breakGlassOver } from '../runner/break-glass.ts';
import type { StepPhase } from '../runner/in-process.ts';
import { readRun } from '../state/runs.ts';
import { actingBase } from './asked-clients.ts';
import { agreed } from './deploy/ask.ts';
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
  const { clock, names, store } = base;
  const question = `Carry out the ${plan} of ${names.prefix} from here, without Step Functions?`;
  if (!(await agreed(question, flags.yes === true, '--yes'))) {
    process.stderr.write('Nothing was started.\n');
    return 1;
  }
  const user = userInfo().username;
  const input: StartInput = {
    trigger: { by: 'person', why: `started by ${user}${flags.why === undefined ? '' : `: ${flags.why}`}` },
    ...(plan === 'failover' ? { acceptLoss: flags.acceptLoss === true } : {}),
    ...(flags.takeOver === true ? { takeOver: true } : {}),
  };
  const out = flags.json === true ? process.stderr : process.stdout;
  const run = await breakGlassOver(base, plan, {
    who: user,
    input,
    onStep: (step, phase, detail) =>
      out.write(
        `${shortTime(isoTime(clock.now()))}  ${marks[phase]} ${step}${detail === undefined ? '' : `: ${detail}`}\n`,
      ),
  });
  out.write(`Run ${run.id} succeeded in epoch ${run.epoch}.\n`);
  if (flags.json === true) printJson(await readRun(store, run.id));
  return 0;
}
