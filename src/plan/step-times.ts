/**
 * What AWS takes for a step, in the durations of the facts: what a step waits for, not what it asks. A step without a row asks once, which
 * costs a transition of the state machine. Pure.
 */

import type { DurationName } from '../facts/timing.ts';
import { dynamicParameterSeconds } from '../facts/timing.ts';
import type { Workload } from '../workload/config.ts';
import type { BuiltInStep, StepName } from './catalogue.ts';
import { customOf } from './custom.ts';
import { leaseMarginSeconds, leaseSecondsOf } from './lease.ts';

export type Percentile = 'p50' | 'p95';
/** Of a duration, in seconds, at whichever percentile is asked about. */
export type Seconds = (name: DurationName) => number;

/** What of a workload its steps' times depend on. */
type Timed = Pick<Workload, 'database' | 'fence' | 'functions' | 'steps' | 'traffic' | 'witness'>;

/** Seconds; of a step of the workload's own nothing is known, and it is counted as nothing: see `ownSeconds`. */
export function stepSeconds(workload: Timed, step: StepName, seconds: Seconds): number {
  const time: Time = (times as Partial<Record<StepName, Time>>)[step] ?? asking;
  return customOf(workload.steps, step) === undefined ? time(workload, seconds) : 0;
}

/** Seconds after which a step of the workload's own has failed: that is all that is known of how long it takes. */
export const ownSeconds = ({ steps }: Pick<Workload, 'steps'>, step: StepName): number | undefined =>
  customOf(steps, step)?.deadlineSeconds;

type Time = (workload: Timed, seconds: Seconds) => number;

const sum =
  (...names: DurationName[]): Time =>
  (_, seconds) =>
    names.reduce((total, name) => total + seconds(name), 0);

const asking = sum('sfn_state_transition_latency');
const opening = sum('sfn_start_execution');

const isFed = ({ functions }: Timed): boolean => Object.values(functions).some(({ queue }) => queue !== undefined);
const switching =
  (name: DurationName): Time =>
  (workload, seconds) =>
    (isFed(workload) ? sum(name) : asking)(workload, seconds);

const instances = sum(
  'asg_update_to_instance_pending',
  'asg_pending_to_inservice_ec2_health',
  'asg_app_boot_user_data',
  'alb_target_healthy_tuned_10s_x2',
);

/** Until the name, or the dial, has moved for a customer who has just looked it up. */
const latch: Time = (workload, seconds) => {
  const { latch: kind, name } = workload.traffic;
  if (name === undefined) return asking(workload, seconds);
  if (kind === 'accelerator') return sum('global_accelerator_failover')(workload, seconds);
  return sum('route53_alarm_latch_flip', 'route53_client_ttl_expiry_60s')(workload, seconds);
};

/** What depends on the data is known for 20 and for 100 gigabytes: on the line through both, and beyond. */
const reseed: Time = ({ database: { storage } }, seconds) => {
  const at20 = seconds('rds_create_cross_region_replica_20gb');
  const at100 = seconds('rds_create_cross_region_replica_100gb');
  return at20 + ((at100 - at20) * Math.max(0, storage - 20)) / 80;
};

/** Backups, which a new replica has none of, are switched on: a reboot, and the first one. */
const backups = sum('rds_reboot', 'rds_promote_replica_retention_zero_extra');

const lease: Time = (workload, seconds) => {
  const lasts = leaseSecondsOf(workload);
  return lasts === undefined ? asking(workload, seconds) : lasts + leaseMarginSeconds(lasts);
};

const times: Readonly<Partial<Record<BuiltInStep, Time>>> = {
  OpenRun: opening,
  OpenMove: opening,
  OpenReturn: opening,
  AwaitLease: lease,
  AwaitFence: lease,
  OpenReplica: () => dynamicParameterSeconds,
  FlipLatchToRecovery: latch,
  FlipLatchToPrimary: latch,
  ScaleOutRecovery: instances,
  ScaleOutPrimary: instances,
  PromoteReplica: sum('rds_promote_read_replica'),
  PromotePrimary: sum('rds_promote_read_replica'),
  FencePrimary: switching('lambda_esm_disable'),
  QuiescePrimary: switching('lambda_esm_disable'),
  Quiesce: switching('lambda_esm_disable'),
  EnableRecoverySources: switching('lambda_esm_enable_sqs'),
  EnablePrimarySources: switching('lambda_esm_enable_sqs'),
  DrainPrimaryBuckets: sum('s3_crr_small_object'),
  DrainBuckets: sum('s3_crr_small_object'),
  SnapshotOldPrimary: sum('rds_create_snapshot_20gb'),
  RenameOldPrimary: sum('rds_rename_instance'),
  RenameOldRecovery: sum('rds_rename_instance'),
  ReseedPrimary: reseed,
  ReseedRecovery: reseed,
  AwaitPrimaryCaughtUp: backups,
  AwaitRecoveryCaughtUp: backups,
};
