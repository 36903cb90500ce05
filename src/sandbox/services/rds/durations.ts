/** How long RDS takes, in milliseconds of AWS time. Names are `facts/aws-model.json`'s; constants are estimates nobody has published. */

import type { DurationName, Timing } from '../../../facts/timing.ts';
import { dynamicParameterSeconds } from '../../../facts/timing.ts';

/** Between the answer to a request and the first status that tells of it: a reader may see `available` meanwhile (boto3#609). */
export const flicker = 8_000;

/** Changes without a reboot: security groups, windows, passwords. */
export const smallChange = 20_000;

/** From a parameter group's change to the servers that use it. */
export const parameterDelay = 1000 * dynamicParameterSeconds;

/** Until the other side of a replication link knows that it ended. */
export const unlinkDelay = 5_000;

/** From one zone to the other: "typically 60–120 seconds" (RDS User Guide, "Failing over a Multi-AZ DB instance"). */
export const failover = 90_000;

/** A server that died by itself is started again. */
export const restartDelay = 5_000;

/**
 * From a rename until the new name answers: "about 10 minutes" (RDS User Guide, "Renaming a DB instance"). The instance itself is
 * available earlier.
 */
export const newNameDelay = 10 * 60_000;

/** A stopped instance is started again by RDS. Source: facts/aws-model.json, limits.rds.stop_instance_max_days. */
export const longestStop = 7 * 86_400_000;

/** From the first sign that a key can't be used until its database is put away (RDS User Guide, "Encrypting Amazon RDS resources"). */
export const keyGrace = 2 * 3_600_000;

/** How long a database that was put away for its key can be started again (the same page). */
export const longestKeyLoss = 7 * 86_400_000;

/** A replica that hasn't replicated for so long never does again: limits.rds.replication_stopped_termination_days. */
export const longestBreak = 30 * 86_400_000;

/** The longest a promotion is modelled to take: `max_model`. */
const longestPromotion = 2_700_000;

/** What depends on the data is known for 20 and for 100 gigabytes; in between and beyond it is on the line through both. */
function sized(timing: Timing, small: DurationName, large: DurationName, gigabytes: number): number {
  const [at20, at100] = [timing.milliseconds(small), timing.milliseconds(large)];
  return at20 + (Math.max(0, at100 - at20) * Math.max(0, gigabytes - 20)) / 80;
}

export const crossRegionCopy = (timing: Timing, gigabytes: number): number =>
  sized(timing, 'rds_copy_snapshot_cross_region_20gb', 'rds_copy_snapshot_cross_region_100gb', gigabytes);

export const restoring = (timing: Timing, gigabytes: number): number =>
  sized(timing, 'rds_restore_from_snapshot_20gb', 'rds_restore_from_snapshot_100gb', gigabytes);

/** A promotion's parts add up to the modelled whole; the endpoint is away for `rebooting` (60 s of 300 at the median). */
export function promotion(timing: Timing): { modifying: number; rebooting: number; settling: number } {
  const whole = Math.max(0, Math.min(timing.milliseconds('rds_promote_read_replica'), longestPromotion) - flicker);
  const rebooting = whole / 5;
  const settling = whole / 20;
  return { modifying: whole - rebooting - settling, rebooting, settling };
}

/** The source is `modifying` while its snapshot is taken; copying and loading it are the rest. */
export function replicaCreation(
  timing: Timing,
  crossRegion: boolean,
  gigabytes: number,
): { snapshot: number; copy: number; load: number } {
  const whole = crossRegion
    ? sized(timing, 'rds_create_cross_region_replica_20gb', 'rds_create_cross_region_replica_100gb', gigabytes)
    : timing.milliseconds('rds_create_same_region_replica_20gb');
  const snapshot = Math.min(timing.milliseconds('rds_create_snapshot_20gb'), whole / 2);
  const rest = whole - snapshot;
  const copy = crossRegion ? Math.min(crossRegionCopy(timing, gigabytes), rest / 2) : 0;
  return { snapshot, copy, load: rest - copy };
}

/** The first backup is part of becoming available. */
export function creation(whole: number, withBackup: boolean): { creating: number; backingUp: number } {
  return withBackup ? { creating: whole * 0.75, backingUp: whole * 0.25 } : { creating: whole, backingUp: 0 };
}

/** Moving to another class takes the time of building a second copy, as Multi-AZ does. */
export const reshaping = (timing: Timing): number => timing.milliseconds('rds_modify_multi_az_on');
