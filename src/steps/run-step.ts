/**
 * One asking of one step: epoch, orders, check, act, verify, journal. The same under Step Functions and in process.
 *
 *  1. Nothing acts before the epoch and the orders were seen; what this run has done is not done again.
 *  2. What isn't true yet is "not yet" until its deadline; from there on it has failed.
 *  3. A failure before the run has committed ends it. After that it is held: a person is waited for, since half a move helps nobody.
 *     What comes true all the same (room is found, a person did it by hand) needs no word: a held step is looked at, and not acted on.
 */

import { isHeld, isNotYet, messageOf, notYet, PilotLightError, terminalError } from '../kernel/errors.ts';
import { isCustom } from '../plan/catalogue.ts';
import { customOf, stepSpec } from '../plan/custom.ts';
import { stepsBeforeQuiesce } from '../plan/graph.ts';
import { planOf } from '../plan/plans.ts';
import type { JournalWriter, StepEntry } from '../plan/run.ts';
import { readAuthority, superseded } from '../state/authority.ts';
import type { Course } from '../state/course.ts';
import { noteProgress, readCourse } from '../state/course.ts';
import { customStep } from './custom.ts';
import { begunAt, obey, waiting } from './obey.ts';
import { openRun } from './open-run.ts';
import { prepare } from './prepare.ts';
import { isOpening, steps } from './registry.ts';
import type { Step, StepContext } from './step.ts';

export type StepResult = { readonly run: StepContext['run'] };

export async function runStep(
  context: Omit<StepContext, 'run'>,
  journal: JournalWriter,
  carriedOutBy: (step: StepContext['event']['step']) => Step = stepNamed,
): Promise<StepResult | undefined> {
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
  if (event.prepare !== undefined) {
    await prepare(context, event.prepare.epoch, carriedOutBy(event.step));
    return undefined;
  }
  try {
    if (isOpening(event.step)) {
      run = await openRun(context);
      await record('done');
      return { run };
    }
    if (run === undefined) throw new Error(`Step ${event.step} was asked without a run.`);
    const outcome = await carryOut({ ...context, run }, carriedOutBy(event.step), startedAt);
    await record(outcome);
    return { run };
  } catch (error) {
    await record(isNotYet(error) ? 'not-yet' : isHeld(error) ? 'held' : 'failed', messageOf(error));
    // Out of a parallel state an error comes without the name of the step that met it.
    if (error instanceof Error && !isNotYet(error) && !error.message.startsWith(event.step))
      error.message = `${event.step}: ${error.message}`;
    throw error;
  }
}

function stepNamed(step: StepContext['event']['step']): Step {
  if (isOpening(step)) throw new Error(`${step} opens a run; it isn't carried out in one.`);
  return isCustom(step) ? customStep(step) : steps[step];
}

async function carryOut(context: StepContext, step: Step, now: number): Promise<StepEntry['outcome']> {
  const { event, run, store } = context;
  // Closing gives the lock back and is repeated after a crash: then the lock is gone, and that is what was wanted.
  if (event.step === 'CloseRun') {
    await attempt(context, step);
    return 'done';
  }
  const [authority, course] = await Promise.all([readAuthority(store), readCourse(store, run.id)]);
  const moved = superseded(run, authority, event.execution);
  if (moved !== undefined) throw moved;
  const committed = authority.epoch === run.epoch;
  if (event.undo === true) {
    if (committed || step.undo === undefined) return 'already-true';
    await step.undo({ ...context, course });
    return 'undone';
  }
  const word = obey(course, event.step, run.id, committed);
  const noteDone = () =>
    noteProgress(store, run.id, { ...course.steps[event.step], step: event.step, doneAt: context.clock.now() });
  switch (word) {
    case 'done':
      return 'already-true';
    case 'look': {
      const why = course.steps[event.step]?.held?.error ?? '';
      if (!(await hasComeTrue({ ...context, course }, step))) throw waiting(event.step, run.id, why);
      await noteDone();
      return 'already-true';
    }
    case 'skip':
      await noteDone();
      return 'skipped';
    default:
      try {
        const already = await attempt({ ...context, course }, step);
        await noteDone();
        return already ? 'already-true' : 'done';
      } catch (error) {
        throw await judged(error, context, course, committed, now);
      }
  }
}

/** What can't be looked at hasn't. */
async function hasComeTrue(context: StepContext, { cameTrue, check }: Step): Promise<boolean> {
  try {
    return (await (cameTrue ?? check)?.(context)) ?? false;
  } catch {
    return false;
  }
}

/** Answers whether it was true before anything was done. */
async function attempt(context: StepContext, step: Step): Promise<boolean> {
  if (step.check !== undefined && (await step.check(context))) return true;
  await step.act?.(context);
  if (step.verify !== undefined && !(await step.verify(context)))
    throw notYet(`Not yet: ${stepSpec(context.workload.steps, context.event.step).does}.`);
  return false;
}

/** What an asking that came to nothing is answered with; what later askings need of it is kept. */
async function judged(
  error: unknown,
  { clock, event: { step }, run, store, workload }: StepContext,
  course: Course,
  committed: boolean,
  startedAt: number,
): Promise<unknown> {
  const before = course.steps[step] ?? { step };
  const now = clock.now();
  const { deadlineSeconds } = stepSpec(workload.steps, step);
  const own = customOf(workload.steps, step);
  const since = begunAt(course, step) ?? startedAt;
  // What somebody can do something about is told while it is waited for, not when the waiting has been in vain.
  const comesBySelf = isNotYet(error) && !(error instanceof PilotLightError && error.next !== undefined);
  const failures = comesBySelf
    ? undefined
    : { count: (before.failures?.count ?? 0) + 1, since: before.failures?.since ?? startedAt, error: messageOf(error) };
  const isLate = now - since >= 1000 * deadlineSeconds;
  const isFinal = error instanceof PilotLightError && !isNotYet(error);
  // What only a connection says may mend itself within the deadline; a function of the workload's own says how often it is tried.
  const goesOnFailing = own !== undefined && failures !== undefined && failures.count > own.retries;
  if (!isFinal && !isLate && !goesOnFailing) {
    const { failures: _, ...kept } = before;
    // Written when there is something new: a step that takes an hour is asked hundreds of times.
    if (before.firstAt === undefined || failures !== undefined || before.failures !== undefined)
      await noteProgress(store, run.id, {
        ...kept,
        firstAt: before.firstAt ?? startedAt,
        ...(failures === undefined ? {} : { failures }),
      });
    return error;
  }
  const why = isLate && !isFinal ? `not true within ${deadlineSeconds} s. ${messageOf(error)}` : messageOf(error);
  const mayWait = committed || stepsBeforeQuiesce(planOf(workload, run.plan)).includes(step);
  if (!mayWait) return isFinal ? error : terminalError(why, { cause: error });
  const { failures: _, ...kept } = before;
  await noteProgress(store, run.id, {
    ...kept,
    firstAt: before.firstAt ?? startedAt,
    held: { since: now, error: why },
  });
  return waiting(step, run.id, why);
}
