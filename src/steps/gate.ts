/** Steps that commit and close a run. */

import { errorNames, terminalError } from '../kernel/errors.ts';
import { policyOf } from '../plan/policy.ts';
import type { RunStatus } from '../plan/run.ts';
import { failureMessage } from '../plan/run.ts';
import { commit, readAuthority, releaseLock } from '../state/authority.ts';
import { readDebt, writeDebt } from '../state/debts.ts';
import { readRun, writeRun } from '../state/runs.ts';
import type { Step, StepContext } from './step.ts';

/** The point of no return: from here on the recovery Region is the active one, whatever becomes of this run. */
export const commitRecovery: Step = {
  async act({ store, run, clock, on, names }) {
    // The debt first: from the commit on somebody must know that the old side isn't fenced, whatever becomes of this run.
    const isOwing = (await readDebt(store, 'primary'))?.epoch === run.epoch;
    if (!isOwing || (await readAuthority(store)).epoch !== run.epoch)
      await writeDebt(store, { side: 'primary', epoch: run.epoch, owedSince: clock.now(), acknowledged: [] });
    await commit(store, run, 'recovery');
    await on('recovery').parameters.put({ name: names.roleParameter, value: 'active', type: 'String' });
  },
};

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
    const { active, holder, runner } = await readAuthority(store);
    // Another execution has taken it over: this one has nothing to close.
    if (holder === run.id && runner !== undefined && runner !== event.execution) return;
    if (record.status === 'running' && holder === run.id) {
      await writeRun(store, {
        ...record,
        status: statusOf(event.failure),
        endedAt: clock.now(),
        active,
        ...(event.failure === undefined
          ? {}
          : { failure: { error: `${event.failure.error}: ${failureMessage(event.failure.cause)}` } }),
      });
    }
    // Automation stays out for a while: a flapping primary must not drag the workload back and forth.
    await releaseLock(store, run.id, clock.now() + 60_000 * policyOf(workload).lockoutMinutes);
  },
};

function statusOf(failure: StepContext['event']['failure']): RunStatus {
  if (failure === undefined) return 'succeeded';
  return failure.error === errorNames.aborted ? 'aborted' : 'failed';
}
