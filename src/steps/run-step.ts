/**
 * One asking of one step: epoch, check, act, verify, journal. The same under Step Functions and in process.
 *
 * The discipline: nothing acts before the epoch was seen; what is already true is left alone; what isn't true afterwards is "not yet".
 */

import { isNotYet, messageOf, notYet } from '../kernel/errors.ts';
import { specOf } from '../plan/catalogue.ts';
import type { JournalWriter, StepEntry } from '../plan/run.ts';
import { checkEpoch, openRun } from './gate.ts';
import { isOpening, steps } from './registry.ts';
import type { StepContext } from './step.ts';

export type StepResult = { readonly run: StepContext['run'] };

export async function runStep(context: Omit<StepContext, 'run'>, journal: JournalWriter): Promise<StepResult> {
  const { event, clock } = context;
  const startedAt = clock.now();
  let run = event.run;
  const record = async (outcome: StepEntry['outcome'], detail?: string) => {
    if (run === undefined) return;
    const at = clock.now();
    await journal.write({
      run: run.id,
      step: event.step,
      outcome,
      at,
      took: at - startedAt,
      ...(detail === undefined ? {} : { detail }),
    });
  };
  try {
    if (isOpening(event.step)) {
      run = await openRun(context);
      await record('done');
      return { run };
    }
    if (run === undefined) throw new Error(`Step ${event.step} was asked without a run.`);
    const already = await carryOut({ ...context, run });
    await record(already ? 'already-true' : 'done');
    return { run };
  } catch (error) {
    await record(isNotYet(error) ? 'not-yet' : 'failed', messageOf(error));
    // Out of a parallel state an error comes without the name of the step that met it.
    if (error instanceof Error && !isNotYet(error)) error.message = `${event.step}: ${error.message}`;
    throw error;
  }
}

/** Answers whether it was true before anything was done. */
async function carryOut(context: StepContext): Promise<boolean> {
  const { event } = context;
  if (isOpening(event.step)) throw new Error(`${event.step} opens a run; it isn't carried out in one.`);
  const step = steps[event.step];
  // Closing gives the lock back and is repeated after a crash: then the lock is gone, and that is what was wanted.
  if (event.step !== 'CloseRun') await checkEpoch(context);
  if (step.check !== undefined && (await step.check(context))) return true;
  await step.act?.(context);
  if (step.verify !== undefined && !(await step.verify(context))) throw notYet(`Not yet: ${specOf(event.step).does}.`);
  return false;
}
