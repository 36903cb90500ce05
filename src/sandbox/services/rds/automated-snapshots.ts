/**
 * The backups RDS makes by itself: each is an automated snapshot, `rds:<instance>-YYYY-MM-DD-HH-MM`, kept for the retention period, and for
 * ever only as a copy. A backup that fails leaves the instance as it was and is tried again as long as its window is open.
 *
 * Source: RDS User Guide, "Introduction to backups", "Retaining automated backups".
 */

import { messageOf } from '../../../kernel/errors.ts';
import type { SandboxCore } from '../../contract.ts';
import type { Backup } from '../../databases/database.ts';
import type { Rds } from './context.ts';
import { tell } from './events.ts';
import { instanceAt } from './lookups.ts';
import { type InstanceRef, type InstanceRow, rdsTables, type SnapshotRow } from './rows.ts';
import { dropSnapshot, failSnapshot, finishSnapshot, putSnapshot, snapshotDirectory } from './snapshot-rows.ts';
import type { Step } from './workflow.ts';

const day = 86_400_000;

/** The step of an instance that backs it up. */
export function backupStep(rds: Rds, ref: InstanceRef, lasting: number): Step {
  const { core, fleet } = rds;
  let backup: Backup | undefined;
  return {
    status: 'backing-up',
    lasting,
    work: async () => {
      const id = begun(core, ref);
      try {
        backup = await (await fleet.start(ref)).backup(snapshotDirectory(core, ref.region, id));
      } catch (error) {
        // An outage is waited out; anything else must not cost the owner more than this backup.
        if (core.region(ref.region).dark) throw error;
        core.log({ service: 'rds', region: ref.region, text: `the backup ${id} failed: ${messageOf(error)}`, error });
      }
    },
    after: (now) => ended(core, now, backup),
  };
}

/** The snapshot of a backup that has just begun, or of one that was cut short: it is taken again under the same name. */
function begun(core: SandboxCore, ref: InstanceRef): string {
  const { instances, snapshots } = rdsTables(core, ref.region);
  const row = instanceAt(core, ref);
  if (row === undefined) throw new Error(`The database ${ref.resourceId} is gone.`);
  const id = row.backingUp ?? automatedId(core, row);
  if (snapshots.has(id)) return id;
  // The name first: a snapshot nobody knows of would be `creating` for ever.
  instances.update(ref.resourceId, (now) => ({ ...now, backingUp: id }));
  putSnapshot(core, row, id, 'automated', {});
  tell(core, row, 'backingUp');
  tell(core, { kind: 'snapshot', region: row.region, id }, 'creatingAutomatedSnapshot');
  return id;
}

function ended(core: SandboxCore, now: InstanceRow, backup: Backup | undefined): InstanceRow {
  const { backingUp: id, ...row } = now;
  if (id === undefined) return row;
  if (backup === undefined) {
    failSnapshot(core, row.region, id);
    return row;
  }
  finishSnapshot(core, row.region, id, backup);
  tell(core, { kind: 'snapshot', region: row.region, id }, 'automatedSnapshotCreated');
  tell(core, row, 'backedUp');
  const { wholeBackupDue: _done, ...backedUp } = row;
  return { ...backedUp, lastBackupAt: core.clock.now() };
}

/** In UTC, to the minute; a second one of a minute has the next free one. */
export function automatedId(core: SandboxCore, { region, id }: Pick<InstanceRow, 'region' | 'id'>): string {
  const { snapshots } = rdsTables(core, region);
  for (let at = core.clock.now(); ; at += 60_000) {
    const name = `rds:${id}-${new Date(at).toISOString().slice(0, 16).replace(/[T:]/g, '-')}`;
    if (!snapshots.has(name)) return name;
  }
}

/** Removes what is older than its instance keeps backups; the newest of a living instance stays until there is another. */
export function dropOldBackups(rds: Rds, region: string): void {
  const { instances, retainedBackups, snapshots } = rdsTables(rds.core, region);
  const now = rds.core.clock.now();
  const finished = snapshots.values().filter(isFinished);
  const newest = new Map<string, number>();
  for (const { instance, createdAt } of finished) {
    if (instances.has(instance.resourceId))
      newest.set(instance.resourceId, Math.max(createdAt, newest.get(instance.resourceId) ?? 0));
  }
  for (const row of finished) {
    const { resourceId } = row.instance;
    const owner = instances.get(resourceId) ?? retainedBackups.get(resourceId)?.instance;
    const kept = owner?.backupRetention ?? 0;
    const isOld = now >= row.createdAt + kept * day;
    if (isOld && (kept === 0 || newest.get(resourceId) !== row.createdAt)) dropSnapshot(rds, row);
  }
  for (const [resourceId, { instance, deletedAt }] of retainedBackups.entries()) {
    if (now >= deletedAt + instance.backupRetention * day) retainedBackups.delete(resourceId);
  }
}

/** At once, with the instance or the retained backups they belong to. */
export function dropBackupsOf(rds: Rds, { region, resourceId }: InstanceRef): void {
  for (const row of rdsTables(rds.core, region).snapshots.values()) {
    if (isFinished(row) && row.instance.resourceId === resourceId) dropSnapshot(rds, row);
  }
}

/** What stands in another Region is a replica's, for as long as its creation takes. */
const isFinished = ({ type, status, copyOf }: SnapshotRow): boolean =>
  type === 'automated' && status !== 'creating' && copyOf === undefined;
