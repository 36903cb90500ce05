/** How long RDS takes, in milliseconds of AWS time. Names are `facts/aws-model.json`'s; constants are estimates nobody has published. */

import type { Timing } from '../../../facts/timing.ts';

/** Between the answer to a request and the first status that tells of it: a reader may see `available` meanwhile (boto3#609). */
export const flicker = 8_000;

/** Changes without a reboot: security groups, windows, passwords. */
export const smallChange = 20_000;

/** From a parameter group's change to the servers that use it. */
export const parameterDelay = 15_000;

/** Until the other side of a replication link knows that it ended. */
export const unlinkDelay = 5_000;

/** A server that died by itself is started again. */
export const restartDelay = 5_000;

/** A promotion's parts add up to the modelled whole; the endpoint is away for `rebooting` (60 s of 300 at the median). */
export function promotion(timing: Timing): { modifying: number; rebooting: number; settling: number } {
  const whole = Math.max(0, timing.milliseconds('rds_promote_read_replica') - flicker);
  const rebooting = whole / 5;
  const settling = whole / 20;
  return { modifying: whole - rebooting - settling, rebooting, settling };
}

/** The source is `modifying` while its snapshot is taken; copying and loading it are the rest. */
export function replicaCreation(timing: Timing, crossRegion: boolean): { snapshot: number; load: number } {
  const whole = timing.milliseconds(
    crossRegion ? 'rds_create_cross_region_replica_20gb' : 'rds_create_same_region_replica_20gb',
  );
  const snapshot = Math.min(timing.milliseconds('rds_create_snapshot_20gb'), whole / 2);
  return { snapshot, load: whole - snapshot };
}

/** The first backup is part of becoming available. */
export function creation(whole: number, withBackup: boolean): { creating: number; backingUp: number } {
  return withBackup ? { creating: whole * 0.75, backingUp: whole * 0.25 } : { creating: whole, backingUp: 0 };
}

/** Moving to another class takes the time of building a second copy, as Multi-AZ does. */
export const reshaping = (timing: Timing): number => timing.milliseconds('rds_modify_multi_az_on');
