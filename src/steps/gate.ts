/** Steps that open, commit and close a run. */

import { notYet, terminalError, usageError } from '../kernel/errors.ts';
import { plans } from '../plan/plans.ts';
import { policyOf } from '../plan/policy.ts';
import type { RunReference, Trigger } from '../plan/run.ts';
import { commit, readAuthority, releaseLock, requireEpoch, takeLock } from '../state/authority.ts';
import { isOwed, readDebt, writeDebt } from '../state/debts.ts';
import { standDownOf } from '../state/decisions.ts';
import type { ItemStore } from '../state/items.ts';
import { readRun, writeRun } from '../state/runs.ts';
import type { Side } from '../workload/judged.ts';
import type { Step, StepContext } from './step.ts';

/**
 * Opens the run, or takes over the one that a dead execution left behind. The opening step has no run to be checked against, so it
 * is called by the functions' entry and by the break-glass runner before any other.
 */
export async function openRun(context: Omit<StepContext, 'run'>): Promise<RunReference> {
  const { event, store, clock } = context;
  const from: Side = event.plan === 'failover' ? 'primary' : 'recovery';
  if (event.plan === 'failback') await requireFenced(context);
  const before = await readAuthority(store);
  const held = before.holder === undefined ? undefined : await readRun(store, before.holder);
  if (held !== undefined && held.plan === event.plan && held.status === 'running') {
    if (held.execution === event.execution || !(await isRunning(context, held.execution))) {
      await writeRun(store, { ...held, execution: event.execution });
      return { id: held.id, plan: held.plan, version: held.version, epoch: held.epoch };
    }
    throw usageError(`Run ${held.id} is under way already: ${held.execution}.`, {
      next: 'Follow that one; starting twice is one run.',
    });
  }
  const id = runIdOf(event.execution);
  const authority = await takeLock(store, id, from);
  const run: RunReference = { id, plan: event.plan, version: plans[event.plan].version, epoch: authority.epoch + 1 };
  await writeRun(store, {
    ...run,
    execution: event.execution,
    status: 'running',
    trigger: triggerOf(event.input),
    startedAt: clock.now(),
    facts: {},
    active: from,
  });
  return run;
}

/** The lock's name: the execution's own name, so that a repeated opening finds its own lock. */
const runIdOf = (execution: string): string => execution.split(':').slice(-2).join('.').slice(0, 120);

function triggerOf(input: unknown): Trigger {
  const given = (input ?? {}) as { trigger?: Trigger; 'detail-type'?: string };
  if (given.trigger?.by === 'watcher') return given.trigger;
  if (given['detail-type'] !== undefined) return { by: 'event', why: `an event: ${given['detail-type']}` };
  return { by: 'person', why: 'started by an authorised person, which is the approval' };
}

async function isRunning({ on }: Omit<StepContext, 'run'>, execution: string): Promise<boolean> {
  if (!execution.startsWith('arn:aws:states:')) return false;
  const { DescribeExecutionCommand } = await import('@aws-sdk/client-sfn');
  const client = await on('recovery').clients.stepFunctions();
  const { status } = await client.send(new DescribeExecutionCommand({ executionArn: execution }));
  return status === 'RUNNING';
}

/** Going home needs the primary Region back, and its fence paid: else two sides could write. */
async function requireFenced({ store, on, names }: Omit<StepContext, 'run'>): Promise<void> {
  const debt = await readDebt(store, 'primary');
  if (isOwed(debt)) {
    throw notYet("The old primary isn't fenced yet.", { next: 'It is fenced by itself as soon as it can be reached.' });
  }
  try {
    await on('primary').parameters.get(names.roleParameter);
  } catch (error) {
    throw notYet(`The primary Region doesn't answer: ${String(error)}`);
  }
}

/** The point of no return: from here on the recovery Region is the active one, whatever becomes of this run. */
export const commitRecovery: Step = {
  async act({ store, run, clock, on, names }) {
    await requireStillNeeded(store, run);
    await commit(store, run, 'recovery');
    const debt = await readDebt(store, 'primary');
    if (debt === undefined || debt.epoch !== run.epoch) {
      await writeDebt(store, {
        side: 'primary',
        epoch: run.epoch,
        owedSince: clock.now(),
        acknowledged: [],
      });
    }
    await on('recovery').parameters.put({ name: names.roleParameter, value: 'active', type: 'String' });
  },
};

/** The watcher's word that the primary is back counts until the run has committed, and not from then on. */
async function requireStillNeeded(store: ItemStore, { id }: RunReference): Promise<void> {
  if ((await readAuthority(store)).active === 'recovery') return;
  const told = await standDownOf(store, id);
  if (told === undefined) return;
  throw terminalError(`The run stops, and has changed nothing: ${told.why}.`, {
    next: 'Start it again if the workload is to move all the same.',
  });
}

/** Going home: the database is promoted under the new epoch; roles say so on both sides first. */
export const commitPrimary: Step = {
  async act({ store, run, on, names }) {
    await commit(store, run, 'primary');
    await on('primary').parameters.put({ name: names.roleParameter, value: 'active', type: 'String' });
    await on('recovery').parameters.put({ name: names.roleParameter, value: 'standby', type: 'String' });
  },
};

/** Closes a run that succeeded, or one that failed: then the event carries the failure. Safe to repeat. */
export const closeRun: Step = {
  async act({ store, run, clock, event, workload }) {
    const record = await readRun(store, run.id);
    if (record === undefined) throw terminalError(`There is no record of run ${run.id}.`);
    if (record.status === 'running') {
      const { active } = await readAuthority(store);
      await writeRun(store, {
        ...record,
        status: event.failure === undefined ? 'succeeded' : 'failed',
        endedAt: clock.now(),
        active,
        ...(event.failure === undefined
          ? {}
          : { failure: { error: `${event.failure.error}: ${messageIn(event.failure.cause)}` } }),
      });
    }
    // Automation stays out for a while: a flapping primary must not drag the workload back and forth.
    await releaseLock(store, run.id, clock.now() + 60_000 * policyOf(workload).lockoutMinutes);
  },
};

/** A failed function's cause is JSON with a stack trace around the message. */
function messageIn(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}

/** Every step but the opening one checks its epoch before it acts. */
export const checkEpoch = ({ store, run }: StepContext): Promise<void> => requireEpoch(store, run);
