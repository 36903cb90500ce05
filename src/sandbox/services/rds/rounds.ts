/**
 * What RDS does in a Region by itself, on the Region's clock: watches replication and keys, publishes metrics, writes its heartbeat, rotates
 * and removes binary logs and backups, backs up and maintains in their windows.
 */

import type { Timer } from '../../../kernel/clock.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { Replication } from '../../databases/database.ts';
import { backupStep, dropOldBackups } from './automated-snapshots.ts';
import type { Rds } from './context.ts';
import { disturb } from './disturbances.ts';
import { longestBreak, longestStop } from './durations.ts';
import type { EventName } from './event-catalogue.ts';
import { forgetEvents, tell } from './events.ts';
import { watchKey } from './keys.ts';
import { change, instanceAt } from './lookups.ts';
import { publishMetrics } from './metrics.ts';
import { applyDeferred } from './modify.ts';
import { startStopped } from './power.ts';
import { type InstanceRow, type ReplicationStatus, rdsTables } from './rows.ts';
import { backupDue, maintenanceDue } from './windows.ts';
import { changeKind } from './workflow.ts';

/** Milliseconds of AWS time. RDS publishes its metrics each minute and rotates binary logs every five. */
const round = 15_000;
const metricsEvery = 60_000;
const logsEvery = 5 * 60_000;

/** What a round does beside looking at replication. */
interface Due {
  readonly metrics: boolean;
  readonly logs: boolean;
}

/** Starts the rounds of a Region; answers how to end them. */
export function makeRounds(rds: Rds, region: string): () => void {
  let timer: Timer;
  // By the clock, not by counting: a round that is still at work when the next one is due takes its place.
  let metricsAt = 0;
  let logsAt = 0;
  let working = false;
  const next = () => {
    timer = rds.core.region(region).clock.after(round, () => {
      next();
      if (working) return;
      working = true;
      const now = rds.core.clock.now();
      const due = { metrics: now >= metricsAt, logs: now >= logsAt };
      if (due.metrics) metricsAt = now + metricsEvery;
      if (due.logs) logsAt = now + logsEvery;
      void oneRound(rds, region, due).finally(() => {
        working = false;
      });
    });
  };
  next();
  return () => timer.cancel();
}

async function oneRound(rds: Rds, region: string, due: Due): Promise<void> {
  if (due.logs) {
    dropOldBackups(rds, region);
    forgetEvents(rds.core, region);
  }
  for (const row of rdsTables(rds.core, region).instances.values()) {
    try {
      keepWindows(rds, row);
      if (due.logs) await watchKey(rds, row);
      if (!row.up) continue;
      if (!rds.fleet.database(row).running) {
        if (row.busy === undefined) await rds.fleet.revive(row);
        continue;
      }
      const lag = row.source === undefined ? undefined : await watchReplication(rds, row);
      if (due.metrics) await publishMetrics(rds, row, lag);
      if (due.logs) await tendLogs(rds, row);
    } catch (error) {
      // Stopped or killed under our hands, most likely; the next round sees what is left.
      if (rds.fleet.database(row).running && instanceAt(rds.core, row)?.busy === undefined) {
        rds.core.log({ service: 'rds', region, text: `couldn't look after ${row.id}: ${messageOf(error)}` });
      }
    }
  }
}

/** Answers the lag in seconds, -1 while nothing is replicated. */
async function watchReplication(rds: Rds, row: InstanceRow): Promise<number> {
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
  const told = row.replication?.status === replication.status ? undefined : news[replication.status];
  if (told !== undefined) tell(rds.core, row, told);
  return seen?.lag ?? -1;
}

const news: Readonly<Record<ReplicationStatus['status'], EventName>> = {
  replicating: 'replicationResumed',
  error: 'replicationStopped',
  stopped: 'replicationStoppedByHand',
  terminated: 'replicationTerminated',
};

export function statusOf(seen: Replication | undefined): ReplicationStatus {
  if (seen === undefined) return { status: 'terminated', message: '' };
  if (seen.receiving === 'yes' && seen.applying) return { status: 'replicating', message: '' };
  // Connecting without an error is a link being made, or one that fell silent a moment ago.
  if (seen.error !== '' || seen.receiving === 'connecting') return { status: 'error', message: seen.error };
  return { status: 'stopped', message: '' };
}

/**
 * Primaries get a transaction of the service's own. Binary logs go as soon as nobody needs them: no replica, and the owner's
 * `binlog retention hours` are over; without those hours, at the next round. With backups on, a closed log is kept with them first.
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
    ...(latest.backupRetention > 0 && latest.lastBackupAt !== undefined ? { logsKeptAt: now } : {}),
  }));
}

export const backupChange = changeKind('automated backup', (rds, row) => {
  const lasting = rds.core.timing.milliseconds(
    row.wholeBackupDue === true ? 'rds_first_automated_backup_after_promote' : 'rds_create_snapshot_20gb',
  );
  return { steps: [backupStep(rds, row, lasting)] };
});

function keepWindows(rds: Rds, row: InstanceRow): void {
  const { stoppedAt } = row;
  if (row.status === 'stopped' && row.busy === undefined && stoppedAt !== undefined) {
    if (rds.core.clock.now() - stoppedAt < longestStop) return;
    tell(rds.core, row, 'startedAfterLongestStop');
    startStopped(rds, row);
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
