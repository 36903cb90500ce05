/** What a run does about the approval it was started on: uses it up when it opens, and stops where more would be lost than was shown. */

import { terminalError, usageError } from '../kernel/errors.ts';
import type { ApprovalRequest, QuotedLoss } from '../plan/approval.ts';
import { becameOf, usedBy, worseBy } from '../plan/approval.ts';
import { policyOf } from '../plan/policy.ts';
import type { Trigger } from '../plan/run.ts';
import { applyRequest, readRequest } from '../state/approvals.ts';
import { releaseLock } from '../state/authority.ts';
import { readRun } from '../state/runs.ts';
import type { StepContext } from './step.ts';

type Opening = Pick<StepContext, 'clock' | 'store'>;

/** An approval that can't be used ends the run before it has the lock. */
export async function requireUsable({ clock, store }: Opening, { approval }: Trigger, run: string): Promise<void> {
  if (approval === undefined) return;
  const request = await readRequest(store, approval.id);
  if (request === undefined || usedBy(request, run, clock.now()) === undefined) throw unusable(approval.id, request);
}

/** With the lock held, since an approval is for one run: of two that were started on it the other is refused. */
export async function useUp(
  { clock, store }: Opening,
  { approval }: Trigger,
  run: string,
  lockedOutUntil: number,
): Promise<void> {
  if (approval === undefined) return;
  const used = await applyRequest(store, approval.id, run, clock.now());
  if (used?.changed === true) return;
  await releaseLock(store, run, lockedOutUntil);
  throw unusable(approval.id, used?.request);
}

const unusable = (id: string, request: ApprovalRequest | undefined): Error =>
  usageError(`The approval ${id} can't be used: ${request === undefined ? 'there is none' : becameOf(request)}.`, {
    next: 'Nothing has changed. While the finding stands a new request is made: approve that one.',
  });

/** No more may be lost than what was shown. Asked before the commit, when nothing has changed yet. */
export async function requireApproved(
  { run, store }: Pick<StepContext, 'run' | 'store'>,
  quote: QuotedLoss,
): Promise<void> {
  const approval = (await readRun(store, run.id))?.trigger.approval;
  const request = approval === undefined ? undefined : await readRequest(store, approval.id);
  const worse = request === undefined ? undefined : worseBy(request.quote, quote);
  if (worse === undefined) return;
  throw terminalError(`The run stops, and has changed nothing: ${worse}.`, {
    next: 'While the finding stands a new request is made, with the loss as it is now.',
  });
}

/** Whether the policy, or a person, has accepted that what a broken replica can't apply is lost: the quote counts it so. */
export async function isBrokenAccepted({
  run,
  store,
  workload,
}: Pick<StepContext, 'run' | 'store' | 'workload'>): Promise<boolean> {
  if (policyOf(workload).replicaBroken === 'proceed') return true;
  const record = await readRun(store, run.id);
  if (record?.acceptLoss === true) return true;
  const approval = record?.trigger.approval;
  const request = approval === undefined ? undefined : await readRequest(store, approval.id);
  return request?.accepts.includes('replica-broken') === true;
}
