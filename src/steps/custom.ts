/**
 * The workload's own steps: a function of its own is asked until it says that it is done. It is told the run, the epoch and the step, and
 * must be safe to repeat, like every step.
 */

import { ask } from '../engines/functions/invoke.ts';
import { notYet } from '../kernel/errors.ts';
import type { StepName } from '../plan/catalogue.ts';
import { customOf } from '../plan/custom.ts';
import type { Side } from '../workload/judged.ts';
import type { Step, StepContext } from './step.ts';

export const customStep = (step: StepName): Step => ({
  async act(context) {
    const answer = await invoke(context, step, 'function');
    const { done, says } = (answer ?? {}) as { done?: unknown; says?: unknown };
    if (done === false) throw notYet(typeof says === 'string' ? says : `${step} says that it isn't done.`);
  },
  async undo(context) {
    // What was never begun isn't taken back.
    if (context.course?.steps[step] !== undefined) await invoke(context, step, 'undo');
  },
});

async function invoke(context: StepContext, step: StepName, which: 'function' | 'undo'): Promise<unknown> {
  const { event, names, on, run, workload } = context;
  const custom = customOf(workload.steps, step);
  if (custom === undefined) throw new Error(`The workload has no step ${step} any more.`);
  const name = custom[which];
  if (name === undefined) return undefined;
  // The side that becomes active: the other one may be dark.
  const side: Side = event.plan === 'failback' ? 'primary' : 'recovery';
  const { clients } = on(side);
  const payload = {
    step,
    plan: run.plan,
    run: run.id,
    epoch: run.epoch,
    side,
    ...(which === 'undo' ? { undo: true } : {}),
  };
  return ask(clients, names.workloadFunction(name), payload, 1000 * custom.timeoutSeconds);
}
