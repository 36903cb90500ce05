/**
 * What RDS does in a Region by itself, on the Region's clock: watches replication, publishes lag, writes its heartbeat, rotates and
 * removes binary logs, backs up and maintains in their windows.
 */

import type { Timer } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import { codeOf } from '../../contract.ts';
import type { Replication } from '../../databases/database.ts';
import type { Rds } from './context.ts';
import { disturb } from './disturbances.ts';
import { longestBreak, longestStop } from './durations.ts';
import { backedUp } from './instances.ts';
import { change, instanceAt } from './lookups.ts';
import { applyDeferred } from './modify.ts';
import { startStopped } from './power.ts';
import { type InstanceRow, type ReplicationStatus, rdsTables } from './rows.ts';
import { backupDue, maintenanceDue } from './windows.ts';
import { changeKind } from './workflow.ts';

/** Milliseconds of AWS time. RDS publishes its metrics each minute and rotates binary logs every five. */
const round = 15_000;
const metricsEvery = 4;
const logsEvery = 20;

/** Starts the rounds of a Region; answers how to end them. */
export function makeRounds(rds: Rds, region: string): () => void {
  let timer: Timer;
  let count = 0;
  let working = false;
  const next = () => {
    timer = rds.core.region(region).clock.after(round, () => {
      next();
      if (working) return;
      working = true;
      void oneRound(rds, region, ++count).finally(() => {
        working = false;
      });
    });
  };
  next();
  return () => timer.cancel();
}

async function oneRound(rds: Rds, region: string, count: number): Promise<void> {
  for (const row of rdsTables(rds.core, region).instances.values()) {
    try {
      keepWindows(rds, row);
      if (!row.up) continue;
      if (!rds.fleet.database(row).running) {
        if (row.busy === undefined) await rds.fleet.revive(row);
        continue;
      }
      if (row.source !== undefined) await watchReplication(rds, row, count % metricsEvery === 0);
      if (count % logsEvery === 1) await tendLogs(rds, row);
    } catch (error) {
      // Stopped or killed under our hands, most likely; the next round sees what is left.
      if (rds.fleet.database(row).running && instanceAt(rds.core, row)?.busy === undefined) {
        rds.core.log({ service: 'rds', region, text: `couldn't look after ${row.id}: ${messageOf(error)}` });
      }
    }
  }
}

async function watchReplication(rds: Rds, row: InstanceRow, publish: boolean): Promise<void> {
  const database = rds.fleet.database(row);
  const seen = await database.replication();
  if (seen !== undefined) await disturb(rds, row, seen);
  const now = rds.core.clock.now();
  const replication = statusOf(seen);
  const broken = replication.status === 'error' || replication.status === 'stopped';
  change(rds.core, row, ({ brokenAt, ...one }) =>
    one.source === undefined ? one : { ...one, replication, ...(broken ? { brokenAt: brokenAt ?? now } : {}) },
  );
  // Binary logs aren't kept for it for ever: RDS gives the replication up, and the replica can only be promoted or deleted.
  if (broken && now - (row.brokenAt ?? now) >= longestBreak) await database.leave();
  if (publish) await publishLag(rds, row, seen?.lag ?? -1);
}

export function statusOf(seen: Replication | undefined): ReplicationStatus {
  if (seen === undefined) return { status: 'terminated', message: '' };
  if (seen.receiving === 'yes' && seen.applying) return { status: 'replicating', message: '' };
  // Connecting without an error is a link being made, or one that fell silent a moment ago.
  if (seen.error !== '' || seen.receiving === 'connecting') return { status: 'error', message: seen.error };
  return { status: 'stopped', message: '' };
}

/** ReplicaLag in seconds; -1 says that nothing is replicated, not that there is no lag. */
async function publishLag({ core }: Rds, row: InstanceRow, lag: number): Promise<void> {
  await core
    .invoke({
      service: 'monitoring',
      operation: 'PutMetricData',
      region: row.region,
      principal: core.as('rds'),
      input: {
        Namespace: 'AWS/RDS',
        MetricData: [
          {
            MetricName: 'ReplicaLag',
            Dimensions: [{ Name: 'DBInstanceIdentifier', Value: row.id }],
            Timestamp: new Date(core.clock.now()),
            Value: lag,
            Unit: 'Seconds',
          },
        ],
      },
    })
    .catch((error: unknown) => {
      // A sandbox put together without CloudWatch has no metrics.
      if (codeOf(error) === 'UnsupportedOperation') return;
      core.log({
        service: 'rds',
        region: row.region,
        text: `ReplicaLag of ${row.id} wasn't published: ${messageOf(error)}`,
      });
    });
}

/**
 * Primaries get a transaction of the service's own. Binary logs go as soon as nobody needs them: no replica, and the owner's
 * `binlog retention hours` are over; without those hours, at the next round.
 */
async function tendLogs({ core, fleet }: Rds, row: InstanceRow): Promise<void> {
  const database = fleet.database(row);
  const now = core.clock.now();
  if (!row.follows) await database.beat(now);
  const name = await database.rotateLogs();
  const hours = (await database.binlogRetentionHours()) ?? 0;
  const logs = [...row.logs, { name, begunAt: now }];
  const keep = logs.findLastIndex(({ begunAt }) => begunAt <= now - hours * 3_600_000);
  const first = logs[keep];
  if (row.replicas.length === 0 && first !== undefined) await database.purgeLogs(first.name);
  change(core, row, (latest) => ({
    ...latest,
    logs: row.replicas.length === 0 ? logs.slice(Math.max(0, keep)) : logs,
  }));
}

export const backupChange = changeKind('automated backup', (rds, row) => {
  const lasting = rds.core.timing.milliseconds(
    row.wholeBackupDue === true ? 'rds_first_automated_backup_after_promote' : 'rds_create_snapshot_20gb',
  );
  return { steps: [{ status: 'backing-up', lasting, after: backedUp(rds) }] };
});

function keepWindows(rds: Rds, row: InstanceRow): void {
  const { stoppedAt } = row;
  if (row.status === 'stopped' && row.busy === undefined && stoppedAt !== undefined) {
    if (rds.core.clock.now() - stoppedAt >= longestStop) startStopped(rds, row);
    return;
  }
  if (row.status !== 'available' || row.busy !== undefined) return;
  const now = rds.core.clock.now();
  const due = backupDue(row.backupWindow, now);
  if (row.backupRetention > 0 && due !== undefined && (row.lastBackupAt ?? 0) < due) {
    backupChange.begin(rds, row, {});
  } else if (Object.keys(row.deferred).length > 0 && maintenanceDue(row.maintenanceWindow, now) !== undefined) {
    applyDeferred(rds, row);
  }
}
