import type { Event } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { createKmsService } from '../../../../src/sandbox/services/kms/service.ts';
import { here, minutes, type RdsTest, rdsTest, there } from './service-test.ts';

const photos = { DBInstanceIdentifier: 'photos' };
const hours = 60 * minutes;

async function encrypted(more: object = {}) {
  const test = rdsTest([createKmsService]);
  const { KeyMetadata } = await test.call<{ KeyMetadata: { Arn: string } }>('kms', 'CreateKey', {});
  const key = { KeyId: KeyMetadata.Arn };
  await test.primary({ StorageEncrypted: true, KmsKeyId: key.KeyId, ...more });
  const use = (operation: 'DisableKey' | 'EnableKey') => test.call('kms', operation, key);
  return { test, key, use };
}
const statusOf = async (test: RdsTest, id = 'photos', region = here) =>
  (await test.instance(id, region)).DBInstanceStatus;

describe('a database whose key is disabled', () => {
  it('is warned of, put away after two hours, and started again once the key is back', async () => {
    const { test, use } = await encrypted();
    await use('DisableKey');
    await test.clock.advance(10 * minutes);
    expect(await statusOf(test)).toBe('available');
    await test.clock.advance(2 * hours);
    expect(await statusOf(test)).toBe('inaccessible-encryption-credentials-recoverable');
    expect((await test.database('photos')).running).toBe(false);
    await expect(test.rds('StartDBInstance', photos)).rejects.toMatchObject({ code: 'KMSKeyNotAccessibleFault' });
    await expect(test.rds('RebootDBInstance', photos)).rejects.toMatchObject({ code: 'InvalidDBInstanceState' });
    await use('EnableKey');
    await test.rds('StartDBInstance', photos);
    await test.clock.advance(6 * minutes);
    expect(await statusOf(test)).toBe('available');
    expect((await test.database('photos')).running).toBe(true);
    await test.clock.advance(3 * hours);
    expect(await statusOf(test)).toBe('available');
    const { Events } = await test.rds<{ Events: Event[] }>('DescribeEvents', { Duration: 600 });
    const told = Events.map(({ Message = '' }) => Message.replace(/\. This.*/, ''));
    expect(told).toContain('Amazon RDS is unable to access the KMS encryption key for database instance photos');
    expect(told).toContain('Amazon RDS has been unable to access the KMS encryption key for database instance photos');
  });

  it('goes on as if nothing had been when the key is back in time', async () => {
    const { test, use } = await encrypted();
    await use('DisableKey');
    await test.clock.advance(90 * minutes);
    await use('EnableKey');
    await test.clock.advance(3 * hours);
    expect(await statusOf(test)).toBe('available');
  });

  it('is lost after seven days, and only its backups are left', async () => {
    const { test, use } = await encrypted();
    await use('DisableKey');
    await test.clock.advance(2.5 * hours);
    const [snapshot] = (await test.rds<{ DBSnapshots: { DBSnapshotIdentifier: string }[] }>('DescribeDBSnapshots'))
      .DBSnapshots;
    const restore = { DBInstanceIdentifier: 'again', DBSnapshotIdentifier: snapshot?.DBSnapshotIdentifier };
    await expect(test.rds('RestoreDBInstanceFromDBSnapshot', restore)).rejects.toMatchObject({
      code: 'KMSKeyNotAccessibleFault',
    });
    for (const region of [here, there]) test.setDark(region, true);
    await test.clock.advance(7 * 24 * hours);
    for (const region of [here, there]) test.setDark(region, false);
    await test.clock.advance(6 * minutes);
    expect(await statusOf(test)).toBe('inaccessible-encryption-credentials');
    await use('EnableKey');
    await expect(test.rds('StartDBInstance', photos)).rejects.toMatchObject({ code: 'InvalidDBInstanceState' });
    const final = { ...photos, FinalDBSnapshotIdentifier: 'last' };
    await expect(test.rds('DeleteDBInstance', final)).rejects.toMatchObject({ code: 'InvalidDBInstanceState' });
    await test.rds('DeleteDBInstance', { ...photos, SkipFinalSnapshot: true, DeleteAutomatedBackups: false });
    await test.clock.advance(5 * minutes);
    await expect(test.instance('photos')).rejects.toMatchObject({ code: 'DBInstanceNotFound' });
  });

  it('is lost at once when it is a replica, has one, or keeps no backups; the other side of the link stays', async () => {
    const { test, use } = await encrypted();
    const { KeyMetadata } = await test.call<{ KeyMetadata: { Arn: string } }>('kms', 'CreateKey', {}, there);
    await test.replica({ KmsKeyId: KeyMetadata.Arn });
    await use('DisableKey');
    await test.clock.advance(2.5 * hours);
    expect(await statusOf(test)).toBe('inaccessible-encryption-credentials');
    expect(await statusOf(test, 'photos-dr', there)).toBe('available');
    await test.rds('PromoteReadReplica', { DBInstanceIdentifier: 'photos-dr' }, there);
    await test.clock.advance(10 * minutes);
    expect((await test.instance('photos-dr', there)).ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();

    const other = await encrypted({ BackupRetentionPeriod: 0 });
    await other.use('DisableKey');
    await other.test.clock.advance(2.5 * hours);
    expect(await statusOf(other.test)).toBe('inaccessible-encryption-credentials');
  });

  it("cannot be what a new one is made with, and a replica of the same Region has its source's key", async () => {
    const { test, key, use } = await encrypted();
    const { KeyMetadata } = await test.call<{ KeyMetadata: { Arn: string } }>('kms', 'CreateKey', {});
    const replica = { DBInstanceIdentifier: 'beside', SourceDBInstanceIdentifier: 'photos' };
    await expect(
      test.rds('CreateDBInstanceReadReplica', { ...replica, KmsKeyId: KeyMetadata.Arn }),
    ).rejects.toMatchObject({ code: 'InvalidParameterCombination' });
    expect(await test.rds('CreateDBInstanceReadReplica', { ...replica, KmsKeyId: key.KeyId })).toMatchObject({
      DBInstance: { KmsKeyId: key.KeyId, StorageEncrypted: true },
    });
    await use('DisableKey');
    const next = {
      ...(await test.instance('photos')),
      DBInstanceIdentifier: 'next',
      MasterUserPassword: 'correct-horse',
    };
    const { Engine, DBInstanceClass, AllocatedStorage, MasterUsername, DBInstanceIdentifier, MasterUserPassword } =
      next;
    const input = {
      Engine,
      DBInstanceClass,
      AllocatedStorage,
      MasterUsername,
      DBInstanceIdentifier,
      MasterUserPassword,
    };
    await expect(
      test.rds('CreateDBInstance', { ...input, StorageEncrypted: true, KmsKeyId: key.KeyId }),
    ).rejects.toMatchObject({ code: 'KMSKeyNotAccessibleFault' });
  });
});

describe('an unencrypted database', () => {
  it('becomes an encrypted one by a copy of its snapshot under a key', async () => {
    const test = rdsTest([createKmsService]);
    await test.primary();
    const { KeyMetadata } = await test.call<{ KeyMetadata: { Arn: string } }>('kms', 'CreateKey', {});
    await test.rds('CreateDBSnapshot', { ...photos, DBSnapshotIdentifier: 'open' });
    await test.clock.advance(3 * minutes);
    const copy = { SourceDBSnapshotIdentifier: 'open', TargetDBSnapshotIdentifier: 'sealed' };
    await test.rds('CopyDBSnapshot', { ...copy, KmsKeyId: KeyMetadata.Arn });
    await test.clock.advance(3 * minutes);
    await test.rds('RestoreDBInstanceFromDBSnapshot', {
      DBInstanceIdentifier: 'sealed',
      DBSnapshotIdentifier: 'sealed',
    });
    await test.clock.advance(15 * minutes);
    expect(await test.instance('sealed')).toMatchObject({
      DBInstanceStatus: 'available',
      StorageEncrypted: true,
      KmsKeyId: KeyMetadata.Arn,
    });
  });
});
