import type { DBInstanceAutomatedBackup, DBSnapshot } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { here, minutes, type RdsTest, rdsTest, there } from './service-test.ts';

const hours = 60 * minutes;
const at = (day: number, hour: number, minute = 0) => Date.UTC(2026, 10, day, hour, minute);

async function listed(test: RdsTest, input: object = {}, region = here): Promise<DBSnapshot[]> {
  const { DBSnapshots = [] } = await test.rds<{ DBSnapshots?: DBSnapshot[] }>('DescribeDBSnapshots', input, region);
  return DBSnapshots;
}
const names = async (test: RdsTest, input: object = {}, region = here) =>
  (await listed(test, input, region)).map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier);

/** To a moment in time, which an outage of everything makes a short way. */
async function sleepUntil(test: RdsTest, moment: number): Promise<void> {
  for (const region of [here, there]) test.setDark(region, true);
  await test.clock.advance(moment - test.clock.now());
  for (const region of [here, there]) test.setDark(region, false);
}

async function backUpOn(test: RdsTest, day: number): Promise<void> {
  await sleepUntil(test, at(day, 2, 59));
  await test.clock.advance(15 * minutes);
}

describe('automated snapshots', () => {
  it('are taken when an instance is made and in its window each day, under the name of the minute', async () => {
    const test = rdsTest();
    await test.primary();
    await test.rds('CreateDBSnapshot', { DBInstanceIdentifier: 'photos', DBSnapshotIdentifier: 'mine' });
    await test.clock.advance(3 * minutes);
    expect(await names(test)).toEqual(['rds:photos-2026-11-23-12-03', 'mine']);
    await backUpOn(test, 24);
    expect(await names(test, { SnapshotType: 'automated' })).toEqual([
      'rds:photos-2026-11-23-12-03',
      expect.stringMatching(/^rds:photos-2026-11-24-03-0\d$/),
    ]);
    expect(await names(test, { SnapshotType: 'manual' })).toEqual(['mine']);
    const [first] = await listed(test, { DBSnapshotIdentifier: 'rds:photos-2026-11-23-12-03' });
    expect(first).toMatchObject({
      SnapshotType: 'automated',
      Status: 'available',
      PercentProgress: 100,
      DBSnapshotArn: 'arn:aws:rds:us-east-1:111122223333:snapshot:rds:photos-2026-11-23-12-03',
    });
  });

  it('block a promotion while the window is at work', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    const replica = { DBInstanceIdentifier: 'photos-dr' };
    await test.rds('ModifyDBInstance', { ...replica, BackupRetentionPeriod: 7, ApplyImmediately: true }, there);
    await test.clock.advance(10 * minutes);
    await sleepUntil(test, at(24, 3));
    await test.clock.advance(30_000);
    expect((await test.instance('photos-dr', there)).DBInstanceStatus).toBe('backing-up');
    expect((await listed(test, {}, there)).at(-1)).toMatchObject({ Status: 'creating', SnapshotType: 'automated' });
    await expect(test.rds('PromoteReadReplica', replica, there)).rejects.toMatchObject({
      code: 'InvalidDBInstanceState',
    });
    await test.clock.advance(10 * minutes);
    await test.rds('PromoteReadReplica', replica, there);
  });

  it('go when they are older than the retention period, and all of them when backups are turned off', async () => {
    const test = rdsTest();
    await test.primary({ BackupRetentionPeriod: 2 });
    for (const day of [24, 25, 26]) await backUpOn(test, day);
    await test.clock.advance(6 * minutes);
    expect(await names(test)).toEqual([expect.stringMatching(/2026-11-25/), expect.stringMatching(/2026-11-26/)]);
    await test.rds('ModifyDBInstance', {
      DBInstanceIdentifier: 'photos',
      BackupRetentionPeriod: 0,
      ApplyImmediately: true,
    });
    await test.clock.advance(10 * minutes);
    expect(await names(test)).toEqual([]);
    expect((await test.instance('photos')).LatestRestorableTime).toBeUndefined();
  });

  it('cannot be deleted by hand, can be copied to stay, and restored in the other Region', async () => {
    const test = rdsTest();
    await test.primary();
    const [{ DBSnapshotIdentifier: id, DBSnapshotArn: arn } = {}] = await listed(test);
    await expect(test.rds('DeleteDBSnapshot', { DBSnapshotIdentifier: id })).rejects.toMatchObject({
      code: 'InvalidDBSnapshotState',
      message: 'automated snapshots cannot be deleted.',
    });
    const copy = { SourceDBSnapshotIdentifier: arn, TargetDBSnapshotIdentifier: 'kept' };
    await test.rds('CopyDBSnapshot', copy, there);
    await test.clock.advance(11 * minutes);
    expect(await listed(test, { DBSnapshotIdentifier: 'kept' }, there)).toMatchObject([
      { SnapshotType: 'manual', Status: 'available', SourceDBSnapshotIdentifier: arn },
    ]);
    await test.rds('DeleteDBInstance', { DBInstanceIdentifier: 'photos', SkipFinalSnapshot: true });
    await test.clock.advance(5 * minutes);
    expect(await names(test)).toEqual([]);
    await test.rds(
      'RestoreDBInstanceFromDBSnapshot',
      { DBInstanceIdentifier: 'again', DBSnapshotIdentifier: 'kept' },
      there,
    );
    await test.clock.advance(15 * minutes);
    expect((await test.database('again', there)).told).toContain('restore 0-1001-7');
  });

  it('stay after a deletion that says so, as old as they were kept before, or until they are given up', async () => {
    const test = rdsTest();
    const { DbiResourceId } = await test.primary({ BackupRetentionPeriod: 2 });
    const remove = { DBInstanceIdentifier: 'photos', SkipFinalSnapshot: true, DeleteAutomatedBackups: false };
    await test.rds('DeleteDBInstance', remove);
    await test.clock.advance(5 * minutes);
    expect(await names(test)).toHaveLength(1);
    await sleepUntil(test, at(25, 12, 2));
    await test.clock.advance(6 * minutes);
    expect(await names(test)).toEqual([]);
    expect(await test.rds('DescribeDBInstanceAutomatedBackups')).toMatchObject({ DBInstanceAutomatedBackups: [{}] });
    await sleepUntil(test, at(25, 12, 20));
    await test.clock.advance(6 * minutes);
    expect(await test.rds('DescribeDBInstanceAutomatedBackups')).toMatchObject({ DBInstanceAutomatedBackups: [] });

    const next = await test.primary();
    expect(next.DbiResourceId).not.toBe(DbiResourceId);
    await test.rds('DeleteDBInstance', remove);
    await test.clock.advance(5 * minutes);
    await test.rds('DeleteDBInstanceAutomatedBackup', { DbiResourceId: next.DbiResourceId });
    expect(await names(test)).toEqual([]);
  });

  it('reach with their logs to about five minutes ago while the instance runs', async () => {
    const test = rdsTest();
    await test.primary();
    const windows = async () => {
      const { DBInstanceAutomatedBackups: [one] = [] } = await test.rds<{
        DBInstanceAutomatedBackups?: DBInstanceAutomatedBackup[];
      }>('DescribeDBInstanceAutomatedBackups');
      return one?.RestoreWindow;
    };
    const earliest = (await windows())?.EarliestTime;
    await test.clock.advance(2 * hours);
    const latest = (await test.instance('photos')).LatestRestorableTime?.getTime() ?? 0;
    expect(test.clock.now() - latest).toBeLessThanOrEqual(5 * minutes);
    expect(await windows()).toEqual({ EarliestTime: earliest, LatestTime: new Date(latest) });
    test.setDark(here, true);
    await test.clock.advance(1 * hours);
    expect((await test.instance('photos')).LatestRestorableTime?.getTime()).toBe(latest);
  });

  it('that fail cost nothing but the backup, which is tried again', async () => {
    const test = rdsTest();
    await test.primary();
    const database = await test.database('photos');
    const backup = database.backup.bind(database);
    database.backup = () => Promise.reject(new Error('disk full'));
    await sleepUntil(test, at(24, 3));
    await test.clock.advance(5 * minutes);
    database.backup = backup;
    await test.clock.advance(10 * minutes);
    expect((await test.instance('photos')).DBInstanceStatus).toBe('available');
    const statuses = (await listed(test)).map(({ Status }) => Status);
    expect(statuses).toEqual(['available', ...statuses.slice(2).map(() => 'failed'), 'available']);
  });

  it('are what a replica in the other Region begins with; its copy goes once the replica is there', async () => {
    const test = rdsTest();
    const source = await test.primary();
    const input = { DBInstanceIdentifier: 'photos-dr', SourceDBInstanceIdentifier: source.DBInstanceArn };
    await test.rds('CreateDBInstanceReadReplica', input, there);
    await test.clock.advance(1000);
    const id = 'rds:photos-2026-11-23-12-06';
    expect((await listed(test)).map(({ Status }) => Status)).toEqual(['available', 'creating']);
    await test.clock.advance(3 * minutes);
    expect(await listed(test, { DBSnapshotIdentifier: id })).toMatchObject([{ Status: 'available' }]);
    expect(await listed(test, {}, there)).toMatchObject([
      { DBSnapshotIdentifier: id, Status: 'creating', SourceRegion: here },
    ]);
    await test.clock.advance(12 * minutes);
    expect(await listed(test, {}, there)).toMatchObject([{ DBSnapshotIdentifier: id, Status: 'available' }]);
    await test.clock.advance(16 * minutes);
    expect((await test.instance('photos-dr', there)).DBInstanceStatus).toBe('available');
    expect(await listed(test, {}, there)).toEqual([]);
    expect(await names(test)).toContain(id);
  });
});
