/**
 * Plays a plan in a failover world to its end, the way it is run on AWS: by a state machine that asks functions, or by the break-glass
 * runner. What is killed meanwhile is taken up again: an asking by the state machine's own Retry, a runner by the next one.
 */

import { journalWriter } from '../../../src/journal/store.ts';
import { messageOf } from '../../../src/kernel/errors.ts';
import { specOf } from '../../../src/plan/catalogue.ts';
import { compile } from '../../../src/plan/compile.ts';
import type { PlanName } from '../../../src/plan/graph.ts';
import { planOf } from '../../../src/plan/plans.ts';
import type { RunReference, StepEvent } from '../../../src/plan/run.ts';
import { runInProcess } from '../../../src/runner/in-process.ts';
import { readRun } from '../../../src/state/runs.ts';
import { runStep } from '../../../src/steps/run-step.ts';
import { stepContext } from '../../../src/steps/step.ts';
import { arnsOf } from '../../../src/workload/names.ts';
import { Process } from './processes.ts';
import type { FailoverWorld } from './world.ts';
import { mortally } from './world.ts';

export type Outcome = { readonly run: RunReference } | { readonly error: string; readonly message: string };

/** One break-glass run, in a process of its own. Never settles when that is killed. */
export function breakGlass(world: FailoverWorld, plan: PlanName, name: string, process = new Process(name)) {
  const { base, processes } = world;
  const journal = journalWriter(base.store, base.ids);
  const outcome: Promise<Outcome> = processes.run(process, () =>
    runInProcess({
      plan: planOf(world.workload, plan),
      planOfRun: async ({ id }) => (await readRun(base.store, id))?.graph,
      execution: `break-glass:${name}`,
      clock: base.clock,
      ask: (event) => processes.ask(process, event.step, () => runStep(stepContext(base, event), journal)),
    }).then(
      (run) => ({ run }),
      (error: unknown) => ({ error: error instanceof Error ? error.name : 'Error', message: messageOf(error) }),
    ),
  );
  return { process, outcome };
}

/** Runs the plan on a laptop; when the laptop dies, on the next one. */
export async function onLaptops(world: FailoverWorld, plan: PlanName): Promise<{ outcome: Outcome; laptops: number }> {
  for (let laptops = 1; ; laptops++) {
    const { process, outcome } = breakGlass(world, plan, `laptop-${laptops}`);
    const ended = await Promise.race([outcome, process.killed.then(() => undefined)]);
    if (ended !== undefined) return { outcome: ended, laptops };
    if (laptops > 20) throw new Error('Runners are killed over and over.');
  }
}

/** Deploys the plan's state machine; its functions are askings of a step, each in a process of its own. */
export async function deployMachine(world: FailoverWorld, plan: PlanName): Promise<string> {
  const { base, processes, sandbox, workload } = world;
  const journal = journalWriter(base.store, base.ids);
  world.controlFunction = (given) => {
    const event = given as StepEvent;
    const process = new Process(`function ${event.step}`);
    return processes.ask(process, event.step, (asking) =>
      mortally(asking, () => runStep(stepContext(base, event), journal)),
    );
  };
  const definition = compile(planOf(workload, plan), (step) =>
    arnsOf(workload).controlFunction('recovery', specOf(step).function),
  );
  const { stateMachineArn } = await sandbox.call<{ stateMachineArn: string }>(
    'states',
    'CreateStateMachine',
    {
      name: base.names.machine(plan),
      roleArn: 'arn:aws:iam::111122223333:role/machine',
      definition: JSON.stringify(definition),
    },
    workload.recovery.region,
  );
  return stateMachineArn;
}

/** Starts an execution, and waits until it has ended. */
export async function execute(world: FailoverWorld, stateMachineArn: string, name: string): Promise<Outcome> {
  const { sandbox, workload, clock } = world;
  const region = workload.recovery.region;
  const { executionArn } = await sandbox.call<{ executionArn: string }>(
    'states',
    'StartExecution',
    { stateMachineArn, name, input: '{}' },
    region,
  );
  for (;;) {
    const { status, error, cause } = await sandbox.call<{ status: string; error?: string; cause?: string }>(
      'states',
      'DescribeExecution',
      { executionArn },
      region,
    );
    if (status === 'SUCCEEDED') return { run: { id: executionArn, plan: 'failover', version: 1, epoch: 0 } };
    if (status !== 'RUNNING') return { error: error ?? status, message: cause ?? '' };
    await new Promise<void>((resolve) => clock.after(1000, resolve));
  }
}
