/** The plans. RTO is the critical path through `failover`: nothing stands in a series that doesn't need what is before it. */

import type { Workload } from '../workload/config.ts';
import { withCustomSteps } from './custom.ts';
import type { Plan, PlanName, PlanNode } from './graph.ts';
import { parallel, series, step } from './graph.ts';

/** What of a workload shapes its plans. */
export type Planned = Pick<Workload, 'steps' | 'witness'> & {
  /** @default promote */
  readonly database?: Pick<Workload['database'], 'cutover'>;
};

/** The plan of a name as this workload has it. */
export const planOf = (workload: Planned, name: PlanName): Plan =>
  withCustomSteps(plans[name](workload), workload.steps);

const failover = (workload: Planned): Plan => ({
  name: 'failover',
  version: 2,
  purpose: 'the primary Region is gone: make the recovery Region the active one',
  root: series(
    step('OpenRun'),
    step('QuoteLoss'),
    step('CommitRecovery'),
    parallel(
      'MoveToRecovery',
      step('FencePrimary'),
      step('FlipLatchToRecovery'),
      step('ScaleOutRecovery'),
      step('TurnUpkeepToRecovery'),
      workload.database?.cutover === 'open-early'
        ? openedEarly
        : series(besideLease(workload, series(step('DrainReplica'), step('PromoteReplica'))), takeWrites),
    ),
    step('VerifyRecovery'),
    parallel('SettleRecovery', step('ProtectRecovery'), step('ReleaseSecrets')),
    step('CloseRun'),
  ),
});

const takeWrites: PlanNode = series(
  step('ProveRecoveryWrite'),
  parallel('OpenRecovery', step('StartRecoveryHeartbeat'), step('EnableRecoverySources')),
);

/**
 * Nothing is opened before the primary can write no more, nor before it is known what the replica holds; customers write while it is
 * promoted. Its restart is the one interruption, and ends what could lead it back to its source.
 */
const openedEarly: PlanNode = series(
  step('AwaitFence'),
  step('DetachReplica'),
  step('OpenReplica'),
  parallel('PromoteBesideCustomers', step('PromoteReplica'), takeWrites),
  step('ResetRecoveryGroup'),
);

/** With a witness nobody writes in the recovery Region before the primary can't any more; it promotes meanwhile. */
const besideLease = ({ witness }: Planned, promotion: PlanNode): PlanNode =>
  witness === undefined ? promotion : parallel('PromoteBesideLease', promotion, step('AwaitLease'));

const switchover = (workload: Planned): Plan => ({
  name: 'switchover',
  version: 2,
  purpose: 'move the workload to the recovery Region while all is well: nothing is lost',
  root: series(
    step('OpenMove'),
    parallel('PrepareMove', step('AwaitReplicaCaughtUp'), step('ScaleOutRecovery')),
    step('QuiescePrimary'),
    parallel('DrainAway', step('DrainReplicaFully'), step('DrainPrimaryBuckets'), step('DrainParameters')),
    step('CommitRecovery'),
    parallel(
      'MoveToRecovery',
      step('FencePrimary'),
      step('FlipLatchToRecovery'),
      step('TurnUpkeepToRecovery'),
      series(besideLease(workload, step('PromoteReplica')), takeWrites),
    ),
    step('VerifyRecovery'),
    parallel('SettleRecovery', step('ProtectRecovery'), step('ReleaseSecrets')),
    step('CloseRun'),
  ),
});

const failback: Plan = {
  name: 'failback',
  version: 2,
  purpose: 'bring the workload home to the primary Region: reseed, switch over at zero lag, protect it again',
  root: series(
    step('OpenReturn'),
    parallel(
      'PrepareHome',
      series(
        step('SnapshotOldPrimary'),
        step('RenameOldPrimary'),
        step('ResetPrimaryGroup'),
        step('BringSecretsHome'),
        step('ReseedPrimary'),
        step('AwaitPrimaryCaughtUp'),
      ),
      series(step('OpenPrimaryIngress'), step('ScaleOutPrimary')),
    ),
    step('Quiesce'),
    step('DrainHome'),
    step('CommitPrimary'),
    parallel(
      'MoveHome',
      step('FlipLatchToPrimary'),
      step('TurnUpkeepToPrimary'),
      step('DrainBuckets'),
      series(
        step('PromotePrimary'),
        step('ProvePrimaryWrite'),
        parallel('OpenHome', step('StartPrimaryHeartbeat'), step('EnablePrimarySources')),
      ),
    ),
    step('VerifyPrimary'),
    parallel(
      'Reprotect',
      step('ScaleInRecovery'),
      step('ReplicateSecrets'),
      series(step('RenameOldRecovery'), step('ReseedRecovery'), step('AwaitRecoveryCaughtUp')),
    ),
    step('CloseRun'),
  ),
};

const plans: Readonly<Record<PlanName, (workload: Planned) => Plan>> = {
  failover,
  switchover,
  failback: () => failback,
};
