/**
 * Opens a run: a new one, the one that a dead execution left behind, or one that failed after it had committed. The opening step has no
 * run to be checked against, so it is carried out before any other.
 */

import { messageOf, needsHuman, notYet, usageError } from '../kernel/errors.ts';
import type { PlanName } from '../plan/graph.ts';
import { planOf } from '../plan/plans.ts';
import { policyOf } from '../plan/policy.ts';
import type { RunReference, StartInput, Trigger } from '../plan/run.ts';
import type { Authority } from '../state/authority.ts';
import { readAuthority, releaseLock, takeLock, takeOver } from '../state/authority.ts';
import { giveOrder } from '../state/course.ts';
import { isOwed, readDebt } from '../state/debts.ts';
import type { StoredRun } from '../state/runs.ts';
import { readRun, writeRun } from '../state/runs.ts';
import type { Side } from '../workload/judged.ts';
import { otherSide } from '../workload/judged.ts';
import { requireUsable, useUp } from './approved.ts';
import type { StepContext } from './step.ts';

type Opening = Omit<StepContext, 'run'>;

/** The side a plan leaves. */
const leaves: Readonly<Record<PlanName, Side>> = { failover: 'primary', switchover: 'primary', failback: 'recovery' };

export async function openRun(context: Opening): Promise<RunReference> {
  const { clock, event, store, workload } = context;
  const found = await readAuthority(store);
  const standing = found.holder === undefined ? undefined : await readRun(store, found.holder);
  const authority = standing === undefined ? found : await withoutEnded(context, found, standing);
  if (standing !== undefined && standing.plan === event.plan && standing.status === 'running')
    return takeUp(context, standing, authority);
  const broken = await committedButFailed(context, authority);
  if (broken !== undefined) return reopen(context, broken);
  if (event.plan === 'failback') await requireFenced(context);
  if (event.plan === 'switchover') await requireBothSides(context);
  const own = runIdOf(event.execution);
  const id = authority.holder === undefined ? own : await unbegun(context, authority, own);
  const trigger = triggerOf(event.input);
  await requireUsable(context, trigger, id);
  const taken = await takeLock(store, id, leaves[event.plan], event.execution);
  await useUp(context, trigger, id, taken.lockedOutUntil);
  const plan = planOf(workload, event.plan);
  const run: RunReference = { id, plan: event.plan, version: plan.version, epoch: taken.epoch + 1 };
  await writeRun(store, {
    ...run,
    execution: event.execution,
    status: 'running',
    trigger,
    startedAt: clock.now(),
    facts: {},
    active: leaves[event.plan],
    graph: plan,
    ...(inputOf(event.input).acceptLoss === undefined ? {} : { acceptLoss: inputOf(event.input).acceptLoss }),
  });
  return run;
}

/** A run that ended and was killed before it gave the lock back doesn't keep it. */
async function withoutEnded({ clock, store, workload }: Opening, found: Authority, run: StoredRun): Promise<Authority> {
  if (run.status === 'running') return found;
  const { endedAt = clock.now() } = run;
  await releaseLock(store, run.id, endedAt + 60_000 * policyOf(workload).lockoutMinutes);
  return { ...found, holder: undefined, runner: undefined };
}

/** A run that took the lock and was killed before it wrote its record has done nothing: it is begun here, under the name it has. */
async function unbegun(context: Opening, { holder, runner }: Authority, own: string): Promise<string> {
  const { event, store } = context;
  if (holder === undefined || holder === own || (await readRun(store, holder)) !== undefined) return own;
  if (runner !== undefined && !(await isRunning(context, runner)))
    await takeOver(store, holder, runner, event.execution);
  return (await readAuthority(store)).runner === event.execution ? holder : own;
}

/** The lock's name: the execution's own name, so that a repeated opening finds its own lock. */
const runIdOf = (execution: string): string => execution.split(':').slice(-2).join('.').slice(0, 120);

const inputOf = (input: unknown): StartInput => (typeof input === 'object' && input !== null ? input : {});

function triggerOf(input: unknown): Trigger {
  const { trigger, 'detail-type': detail } = inputOf(input);
  if (trigger !== undefined && (trigger.by === 'watcher' || trigger.by === 'person')) return trigger;
  if (detail !== undefined) return { by: 'event', why: `an event: ${detail}` };
  return { by: 'person', why: 'started by an authorised person, which is the approval' };
}

const referenceOf = ({ id, plan, version, epoch }: StoredRun): RunReference => ({ id, plan, version, epoch });

/** Only one execution at a time carries a run out: from then on the one before finds at its next asking that it mustn't act. */
async function takeUp(context: Opening, standing: StoredRun, { runner }: Authority): Promise<RunReference> {
  const { event, store } = context;
  const { execution, id } = standing;
  if (runner !== event.execution) {
    if (inputOf(event.input).takeOver !== true && (await isRunning(context, execution))) {
      throw usageError(`Run ${id} is under way already: ${execution}.`, {
        next: 'Follow that one; starting twice is one run.',
      });
    }
    if (!(await takeOver(store, id, runner, event.execution))) {
      throw usageError(`Run ${id} was taken over by another execution at this moment.`, {
        next: 'Follow that one; starting twice is one run.',
      });
    }
  }
  await writeRun(store, { ...standing, execution: event.execution });
  return referenceOf(standing);
}

async function isRunning({ event, on }: Opening, execution: string): Promise<boolean> {
  if (!execution.startsWith('arn:aws:states:')) return false;
  try {
    const { DescribeExecutionCommand } = await import('@aws-sdk/client-sfn');
    const client = await on('recovery').clients.stepFunctions();
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn: execution }));
    return status === 'RUNNING';
  } catch (error) {
    if (event.execution.startsWith('arn:aws:states:')) throw error;
    throw needsHuman(`Nobody can say whether ${execution} still runs: ${messageOf(error)}`, {
      next: 'Take the run over with --take-over: whatever still carries it out finds at its next step that it must not act any more.',
    });
  }
}

/** A run that moved the workload and then failed: nothing is served better by beginning anew. */
async function committedButFailed({ event, store }: Opening, authority: Authority): Promise<StoredRun | undefined> {
  const { active, holder, movedBy } = authority;
  if (holder !== undefined || movedBy === undefined || active === leaves[event.plan]) return undefined;
  const run = await readRun(store, movedBy);
  return run?.plan === event.plan && run.status === 'failed' && run.epoch === authority.epoch ? run : undefined;
}

async function reopen({ clock, event, store }: Opening, broken: StoredRun): Promise<RunReference> {
  await takeLock(store, broken.id, otherSide(leaves[broken.plan]), event.execution);
  const { endedAt: _, failure, ...kept } = broken;
  const by = triggerOf(event.input);
  await giveOrder(store, broken.id, 'reopen', { by: by.by, why: failure?.error ?? 'it had failed', at: clock.now() });
  await writeRun(store, { ...kept, status: 'running', execution: event.execution });
  return referenceOf(broken);
}

/** Going home needs the primary Region back, and its fence paid: else two sides could write. */
async function requireFenced({ store, on, names }: Opening): Promise<void> {
  const { active } = await readAuthority(store);
  // Refused below, and without waiting for a Region that has nothing to do with it.
  if (active === 'primary') return;
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

/** A planned move loses nothing because both sides take part in it. */
async function requireBothSides({ names, on, workload }: Opening): Promise<void> {
  try {
    await on('primary').parameters.get(names.roleParameter);
  } catch (error) {
    throw usageError(`The primary Region, ${workload.primary.region}, doesn't answer: ${messageOf(error)}`, {
      next: 'A planned move needs both Regions. If the primary is gone, fail over: pilot-light quote says what that would lose.',
      cause: error,
    });
  }
  const { replica } = await on('recovery').sql.ask({ ask: 'look' });
  const trouble = replica === undefined ? 'it replicates from nowhere' : (replica.error ?? replica.linkError);
  if (trouble !== undefined) {
    throw usageError(`The recovery database can't take over without loss: ${trouble}.`, {
      next: 'Mend the replication first.',
    });
  }
}
