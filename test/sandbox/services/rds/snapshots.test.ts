import type { DBSnapshot } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { here, minutes, type RdsTest, rdsTest, seconds, there } from './service-test.ts';

const snap = { DBInstanceIdentifier: 'photos', DBSnapshotIdentifier: 'snap' };
const snapArn = 'arn:aws:rds:us-east-1:111122223333:snapshot:snap';

async function snapshot(test: RdsTest, id: string, region = here): Promise<DBSnapshot | undefined> {
  const { DBSnapshots } = await test.rds<{ DBSnapshots?: DBSnapshot[] }>(
    'DescribeDBSnapshots',
    { DBSnapshotIdentifier: id },
    region,
  );
  return DBSnapshots?.[0];
}

describe('snapshots', () => {
  it('are taken while the instance is backing up', async () => {
    const test = rdsTest();
    await test.primary();
    await test.rds('CreateDBSnapshot', { ...snap, Tags: [{ Key: 'why', Value: 'test' }] });
    expect(await snapshot(test, 'snap')).toMatchObject({ Status: 'creating', PercentProgress: 0 });
    expect(await test.statuses('photos', 2.5 * minutes)).toEqual(['backing-up', 'available']);
    expect(await snapshot(test, 'snap')).toMatchObject({
      Status: 'available',
      DBSnapshotArn: snapArn,
      TagList: [{ Key: 'why', Value: 'test' }],
    });
    await expect(test.rds('CreateDBSnapshot', snap)).rejects.toMatchObject({ code: 'DBSnapshotAlreadyExists' });
    await test.rds('DeleteDBSnapshot', snap);
    await expect(snapshot(test, 'snap')).rejects.toMatchObject({ code: 'DBSnapshotNotFound' });
  });

  it('are copied to another Region and restored there into an instance that goes on from them', async () => {
    const test = rdsTest();
    await test.primary();
    await test.rds('CreateDBSnapshot', snap);
    const copy = { SourceDBSnapshotIdentifier: snapArn, TargetDBSnapshotIdentifier: 'copy' };
    await expect(test.rds('CopyDBSnapshot', copy, there)).rejects.toMatchObject({ code: 'InvalidDBSnapshotState' });
    await test.clock.advance(3 * minutes);
    await test.rds('CopyDBSnapshot', copy, there);
    expect(await snapshot(test, 'copy', there)).toMatchObject({ Status: 'creating', SourceRegion: here });
    const restore = { DBInstanceIdentifier: 'restored', DBSnapshotIdentifier: 'copy' };
    await expect(test.rds('RestoreDBInstanceFromDBSnapshot', restore, there)).rejects.toMatchObject({
      code: 'InvalidDBSnapshotState',
    });
    await test.clock.advance(10 * minutes);
    await test.rds('RestoreDBInstanceFromDBSnapshot', restore, there);
    expect(await test.statuses('restored', 11 * minutes, there)).toEqual(['creating', 'backing-up', 'available']);
    expect((await test.database('restored', there)).told.slice(0, 4)).toEqual([
      'stop',
      'restore 0-1001-7',
      'start',
      'continue 0-1001-7',
    ]);
    expect(await test.instance('restored', there)).toMatchObject({ BackupRetentionPeriod: 7, MasterUsername: 'admin' });
  });

  it('are taken of a stopped instance, which stays stopped', async () => {
    const test = rdsTest();
    await test.primary();
    await test.rds('StopDBInstance', { DBInstanceIdentifier: 'photos' });
    await test.clock.advance(minutes);
    await test.rds('CreateDBSnapshot', snap);
    await test.clock.advance(3 * minutes);
    expect((await test.instance('photos')).DBInstanceStatus).toBe('stopped');
    expect((await test.database('photos')).running).toBe(false);
    expect((await snapshot(test, 'snap'))?.Status).toBe('available');
  });

  it('need a key of the Region when they are encrypted', async () => {
    const test = rdsTest();
    await test.primary({ StorageEncrypted: true });
    await test.rds('CreateDBSnapshot', snap);
    await test.clock.advance(150 * seconds);
    const copy = { SourceDBSnapshotIdentifier: snapArn, TargetDBSnapshotIdentifier: 'copy' };
    await expect(test.rds('CopyDBSnapshot', copy, there)).rejects.toThrow(/KmsKeyId of us-west-2/);
    const foreign = { ...copy, KmsKeyId: 'arn:aws:kms:us-east-1:111122223333:key/1' };
    await expect(test.rds('CopyDBSnapshot', foreign, there)).rejects.toMatchObject({
      code: 'KMSKeyNotAccessibleFault',
    });
    await test.rds('CopyDBSnapshot', { ...copy, KmsKeyId: 'arn:aws:kms:us-west-2:111122223333:key/2' }, there);
    await test.clock.advance(11 * minutes);
    expect(await snapshot(test, 'copy', there)).toMatchObject({
      Encrypted: true,
      KmsKeyId: expect.stringMatching(/key.2$/),
    });
  });

  it('that fail leave the instance as it was', async () => {
    const test = rdsTest();
    await test.primary();
    const database = await test.database('photos');
    database.backup = () => Promise.reject(new Error('disk full'));
    const other = { ...snap, DBSnapshotIdentifier: 'other' };
    await test.rds('CreateDBSnapshot', other);
    await test.clock.advance(150 * seconds);
    expect((await snapshot(test, 'other'))?.Status).toBe('failed');
    expect((await test.instance('photos')).DBInstanceStatus).toBe('available');
    await test.rds('DeleteDBSnapshot', other);
  });
});
