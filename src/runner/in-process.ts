/**
 * The break-glass runner: the same graph, the same steps, the same journal and lock as under Step Functions, in this process. It takes
 * over a run that Step Functions can't finish; the lock and the epoch keep the two from acting together.
 */

import type { Clock } from '../kernel/clock.ts';
import { sleep } from '../kernel/clock.ts';
import { isNotYet, messageOf, PilotLightError, terminalError } from '../kernel/errors.ts';
import type { StepName } from '../plan/catalogue.ts';
import { specOf } from '../plan/catalogue.ts';
import type { Plan, PlanNode } from '../plan/graph.ts';
import type { RunReference, StepEvent } from '../plan/run.ts';

export interface RunnerOptions {
  readonly plan: Plan;
  /** Named in the run's record: `break-glass:<who>`. */
  readonly execution: string;
  readonly input?: unknown;
  readonly clock: Clock;
  /** Asks one step once. */
  readonly ask: (event: StepEvent) => Promise<{ readonly run: RunReference }>;
  readonly onStep?: (step: StepName, phase: 'asked' | 'done' | 'failed', detail?: string) => void;
}

/** Tries of one step after failures that aren't its own "not yet": a throttle, a broken connection. */
const tries = 6;

/** Runs the plan to its end. @throws what the failing step threw, after the run was closed as failed. */
export async function runInProcess(options: RunnerOptions): Promise<RunReference> {
  const { plan, execution, input } = options;
  let run: RunReference | undefined;
  const ask = async (step: StepName): Promise<void> => {
    const event: StepEvent = { step, plan: plan.name, execution, ...(run === undefined ? { input } : { run }) };
    run = (await insist(options, event)).run;
  };
  try {
    await walk(plan.root, ask);
  } catch (error) {
    if (run !== undefined) await close(options, run, error);
    throw error;
  }
  if (run === undefined) throw terminalError(`Plan ${plan.name} has no steps.`);
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

/** Asks until the step is true, its deadline has passed, or it fails for good. */
async function insist({ ask, clock, onStep }: RunnerOptions, event: StepEvent): Promise<{ run: RunReference }> {
  const spec = specOf(event.step);
  const deadline = clock.now() + 1000 * spec.deadlineSeconds;
  onStep?.(event.step, 'asked');
  for (let failures = 0; ; ) {
    try {
      const result = await ask(event);
      onStep?.(event.step, 'done');
      return result;
    } catch (error) {
      const final = error instanceof PilotLightError && !isNotYet(error);
      if (!isNotYet(error)) failures++;
      if (final || failures >= tries || clock.now() >= deadline) {
        onStep?.(event.step, 'failed', messageOf(error));
        throw error;
      }
      await sleep(clock, 1000 * spec.pollSeconds);
    }
  }
}

async function close({ ask, plan, execution }: RunnerOptions, run: RunReference, error: unknown): Promise<void> {
  const failure = { error: error instanceof Error ? error.name : 'Error', cause: messageOf(error) };
  await ask({ step: 'CloseRun', plan: plan.name, execution, run, failure });
}
