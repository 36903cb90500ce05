/**
 * The break-glass runner: the same graph, the same steps, the same journal and lock as under Step Functions, in this process. It takes
 * over a run that Step Functions can't finish; the lock and the epoch keep the two from acting together.
 */

import type { Clock } from '../kernel/clock.ts';
import { sleep } from '../kernel/clock.ts';
import { isHeld, isNotYet, messageOf, PilotLightError, terminalError } from '../kernel/errors.ts';
import type { StepName } from '../plan/catalogue.ts';
import { specOf } from '../plan/catalogue.ts';
import { undoable } from '../plan/compile.ts';
import type { Plan, PlanNode } from '../plan/graph.ts';
import { stepsOf } from '../plan/graph.ts';
import type { RunReference, StepEvent } from '../plan/run.ts';

export type StepPhase = 'asked' | 'waiting' | 'done' | 'failed' | 'taken back';

export interface RunnerOptions {
  readonly plan: Plan;
  /** Named in the run's record: `break-glass:<who>`. */
  readonly execution: string;
  readonly input?: unknown;
  readonly clock: Clock;
  /** Asks one step once. */
  readonly ask: (event: StepEvent) => Promise<{ readonly run: RunReference } | undefined>;
  /** The plan a run that is taken over has started with. */
  readonly planOfRun?: (run: RunReference) => Promise<Plan | undefined>;
  readonly onStep?: (step: StepName, phase: StepPhase, detail?: string) => void;
}

/** Runs the plan to its end. @throws what the failing step threw, after what can be was taken back and the run was closed as failed. */
export async function runInProcess(options: RunnerOptions): Promise<RunReference> {
  const { execution, input, planOfRun } = options;
  const opening = stepsOf(options.plan.root)[0];
  if (opening === undefined) throw terminalError(`Plan ${options.plan.name} has no steps.`);
  const { run } = await insist(options, { step: opening, plan: options.plan.name, execution, input });
  const plan = (await planOfRun?.(run)) ?? options.plan;
  const ask = async (step: StepName): Promise<void> => {
    if (step !== opening) await insist(options, { step, plan: plan.name, execution, run });
  };
  try {
    await walk(plan.root, ask);
  } catch (error) {
    await takeBack(options, plan, run);
    await close(options, run, error);
    throw error;
  }
  return run;
}

async function walk(node: PlanNode, ask: (step: StepName) => Promise<void>): Promise<void> {
  switch (node.kind) {
    case 'step':
      return ask(node.step);
    case 'series':
      for (const part of node.nodes) await walk(part, ask);
      return;
    case 'parallel':
      await Promise.all(node.branches.map((branch) => walk(branch, ask)));
  }
}

/** Tries of one step, at least, after failures that aren't its own word: a throttle, a broken connection. The step itself ends sooner, if it can say so. */
const tries = 12;
/** Seconds between askings of a step that waits for a person. */
const whileHeld = 5;

/** Asks until the step is true or fails for good; what waits for a person is asked for as long as it takes. */
async function insist({ ask, clock, onStep }: RunnerOptions, event: StepEvent): Promise<{ run: RunReference }> {
  const spec = specOf(event.step);
  const deadline = clock.now() + patience * spec.deadlineSeconds;
  onStep?.(event.step, 'asked');
  let told = '';
  for (let failures = 0; ; ) {
    try {
      const result = await ask(event);
      if (result === undefined) throw terminalError(`${event.step} was carried out without a run.`);
      onStep?.(event.step, event.undo === true ? 'taken back' : 'done');
      return result;
    } catch (error) {
      const final = error instanceof PilotLightError && !isNotYet(error) && !isHeld(error);
      if (!(error instanceof PilotLightError)) failures++;
      const late = clock.now() >= deadline;
      if (final || (late && (isNotYet(error) || failures >= tries))) {
        onStep?.(event.step, 'failed', messageOf(error));
        throw error;
      }
      if (isHeld(error) && messageOf(error) !== told) {
        told = messageOf(error);
        onStep?.(event.step, 'waiting', told);
      }
      await sleep(clock, 1000 * (isHeld(error) ? whileHeld : spec.pollSeconds));
    }
  }
}

/** Milliseconds for each second of a deadline that the step keeps itself: twice over, as under Step Functions. */
const patience = 2000;

/** What can't be taken back must not keep the rest of it, nor the closing, from being done. */
async function takeBack(options: RunnerOptions, plan: Plan, run: RunReference): Promise<void> {
  const { execution } = options;
  for (const step of undoable(plan)) {
    try {
      await insist(options, { step, plan: plan.name, execution, run, undo: true });
    } catch {
      // Said by `onStep`.
    }
  }
}

async function close({ ask, plan, execution }: RunnerOptions, run: RunReference, error: unknown): Promise<void> {
  const failure = { error: error instanceof Error ? error.name : 'Error', cause: messageOf(error) };
  await ask({ step: 'CloseRun', plan: plan.name, execution, run, failure });
}
