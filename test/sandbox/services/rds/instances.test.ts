import type { DBInstance } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { here, minutes, photos, rdsTest, seconds, there } from './service-test.ts';

describe('creating an instance', () => {
  it('creates, backs up for the first time, and answers at its endpoint', async () => {
    const test = rdsTest();
    const { DBInstance: answer } = await test.rds<{ DBInstance: DBInstance }>('CreateDBInstance', photos);
    expect(answer).toMatchObject({ DBInstanceStatus: 'creating', Engine: 'mysql', EngineVersion: '8.0.43' });
    expect(answer.Endpoint).toBeUndefined();
    expect(await test.statuses('photos', 5.5 * minutes)).toEqual(['creating', 'backing-up', 'available']);

    const made = await test.instance('photos');
    const name = made.Endpoint?.Address ?? '';
    expect(name).toMatch(/^photos\.c[a-z0-9]{11}\.us-east-1\.rds\.amazonaws\.com$/);
    expect(test.core.network.resolve(name, 'A', here)).toMatchObject({
      ttl: 5,
      values: [expect.stringMatching(/^127\./)],
    });
    expect(made.DBParameterGroups).toEqual([
      { DBParameterGroupName: 'default.mysql8.0', ParameterApplyStatus: 'in-sync' },
    ]);
    expect((await test.database('photos')).variables).toMatchObject({ read_only: '0', max_connections: '341' });
  });

  it('refuses what RDS refuses', async () => {
    const test = rdsTest();
    const create = (more: object) => test.rds('CreateDBInstance', { ...photos, ...more });
    await expect(create({ DBInstanceIdentifier: 'no--good' })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(create({ MasterUserPassword: 'short' })).rejects.toThrow(/shorter than 8/);
    await expect(create({ MasterUsername: 'rdsadmin' })).rejects.toThrow(/reserved/);
    await expect(create({ DBInstanceClass: 'db.huge' })).rejects.toThrow(/Invalid DB Instance class/);
    await expect(create({ EngineVersion: '5.7' })).rejects.toMatchObject({ code: 'InvalidParameterCombination' });
    await expect(create({ Engine: 'postgres' })).rejects.toThrow(/mysql and mariadb/);
    await expect(create({ DBParameterGroupName: 'none' })).rejects.toMatchObject({ code: 'DBParameterGroupNotFound' });
    await expect(create({ DBSubnetGroupName: 'none' })).rejects.toMatchObject({ code: 'DBSubnetGroupNotFoundFault' });
    await expect(create({ ManageMasterUserPassword: true })).rejects.toThrow(/ManageMasterUserPassword/);
    await expect(create({ KmsKeyId: 'k' })).rejects.toMatchObject({ code: 'InvalidParameterCombination' });
    await create({});
    await expect(create({})).rejects.toMatchObject({ code: 'DBInstanceAlreadyExists' });
    expect((await test.rds<{ DBInstances: unknown[] }>('DescribeDBInstances')).DBInstances).toHaveLength(1);
  });

  it('lists in pages and by filter', async () => {
    const test = rdsTest();
    for (let n = 10; n < 32; n++) await test.rds('CreateDBInstance', { ...photos, DBInstanceIdentifier: `db${n}` });
    const list = (input: object) =>
      test.rds<{ DBInstances: DBInstance[]; Marker?: string }>('DescribeDBInstances', input);
    const first = await list({ MaxRecords: 20 });
    const second = await list({ MaxRecords: 20, Marker: first.Marker });
    expect([first.DBInstances.length, second.DBInstances.length, second.Marker]).toEqual([20, 2, undefined]);
    const filtered = await list({ Filters: [{ Name: 'db-instance-id', Values: ['db12', 'db13', 'other'] }] });
    expect(filtered.DBInstances.map((one) => one.DBInstanceIdentifier)).toEqual(['db12', 'db13']);
    await expect(list({ DBInstanceIdentifier: 'none' })).rejects.toMatchObject({
      code: 'DBInstanceNotFound',
      status: 404,
    });
    await expect(list({ Filters: [{ Name: 'colour', Values: ['red'] }] })).rejects.toThrow(/Unrecognized filter/);
  });

  it('stays as it was while its Region is dark, and ends on its return', async () => {
    const test = rdsTest();
    await test.rds('CreateDBInstance', photos);
    await test.clock.advance(60 * seconds);
    test.setDark(here, true);
    await test.clock.advance(20 * minutes);
    expect((await test.instance('photos')).DBInstanceStatus).toBe('creating');
    test.setDark(here, false);
    await test.clock.advance(5 * minutes);
    expect((await test.instance('photos')).DBInstanceStatus).toBe('available');
  });

  it('is failed when its server cannot be made', async () => {
    const test = rdsTest();
    await test.primary();
    const database = await test.database('photos');
    database.failing = new Error('disk on fire');
    await test.rds('RebootDBInstance', { DBInstanceIdentifier: 'photos' });
    await test.clock.advance(5 * minutes);
    expect((await test.instance('photos')).DBInstanceStatus).toBe('failed');
  });
});

describe('a server that ends by itself', () => {
  it('is started again, and after an outage on the return', async () => {
    const test = rdsTest();
    await test.primary();
    const database = await test.database('photos');
    database.crash();
    expect(database.running).toBe(false);
    await test.clock.advance(10 * seconds);
    expect(database.running).toBe(true);

    test.setDark(here, true);
    database.crash();
    await test.clock.advance(10 * minutes);
    expect(database.running).toBe(false);
    await test.dispatcher.service('rds')?.regionBack?.(here);
    expect(database.running).toBe(true);
    expect((await test.instance('photos')).DBInstanceStatus).toBe('available');
  });
});

describe('stopping, starting and rebooting', () => {
  it('stops and starts', async () => {
    const test = rdsTest();
    await test.primary();
    await test.rds('StopDBInstance', { DBInstanceIdentifier: 'photos' });
    expect(await test.statuses('photos', 2 * minutes)).toEqual(['stopping', 'stopped']);
    expect((await test.database('photos')).running).toBe(false);
    await expect(test.rds('RebootDBInstance', { DBInstanceIdentifier: 'photos' })).rejects.toMatchObject({
      code: 'InvalidDBInstanceState',
    });
    await test.rds('StartDBInstance', { DBInstanceIdentifier: 'photos' });
    expect(await test.statuses('photos', 6 * minutes)).toEqual(['starting', 'available']);
    expect((await test.database('photos')).running).toBe(true);
  });

  it('is started again by RDS after seven days', async () => {
    const test = rdsTest();
    await test.primary();
    await test.rds('StopDBInstance', { DBInstanceIdentifier: 'photos' });
    await test.clock.advance(minutes);
    // Nobody looks while both Regions are dark, and time goes on.
    for (const region of [here, there]) test.setDark(region, true);
    await test.clock.advance(7 * 24 * 60 * minutes - 2 * minutes);
    for (const region of [here, there]) test.setDark(region, false);
    expect(await test.statuses('photos', 10 * minutes)).toEqual(['stopped', 'starting', 'available']);
    expect((await test.database('photos')).running).toBe(true);
  });

  it('refuses to stop what has or is a replica', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    const stop = (id: string, region: string) => test.rds('StopDBInstance', { DBInstanceIdentifier: id }, region);
    await expect(stop('photos', here)).rejects.toThrow(/has read replicas/);
    await expect(stop('photos-dr', there)).rejects.toThrow(/is a read replica/);
  });

  it('reboots', async () => {
    const test = rdsTest();
    await test.primary();
    const { told } = await test.database('photos');
    const before = told.length;
    await test.rds('RebootDBInstance', { DBInstanceIdentifier: 'photos' });
    expect(await test.statuses('photos', minutes)).toEqual(['rebooting', 'available']);
    expect(told.slice(before).filter((what) => what !== 'rotate' && what !== 'beat')).toEqual(['stop', 'start']);
  });
});

describe('deleting an instance', () => {
  it('wants protection off and a word about the last snapshot', async () => {
    const test = rdsTest();
    await test.primary({ DeletionProtection: true });
    const remove = (more: object) => test.rds('DeleteDBInstance', { DBInstanceIdentifier: 'photos', ...more });
    await expect(remove({ SkipFinalSnapshot: true })).rejects.toThrow(/protected/);
    await test.rds('ModifyDBInstance', { DBInstanceIdentifier: 'photos', DeletionProtection: false });
    await test.clock.advance(minutes);
    await expect(remove({})).rejects.toThrow(/FinalDBSnapshotIdentifier is required/);
    await remove({ FinalDBSnapshotIdentifier: 'last' });
    expect((await test.instance('photos')).DBInstanceStatus).toBe('deleting');
    const database = await test.database('photos');
    await test.clock.advance(9 * minutes);
    await expect(test.instance('photos')).rejects.toMatchObject({ code: 'DBInstanceNotFound' });
    expect(database.told.slice(-3)).toEqual(['backup', 'stop', 'destroy']);
    const { DBSnapshots } = await test.rds<{ DBSnapshots: { Status: string }[] }>('DescribeDBSnapshots', {
      DBSnapshotIdentifier: 'last',
    });
    expect(DBSnapshots[0]?.Status).toBe('available');
  });

  it('takes its automated backups with it, unless told to leave them', async () => {
    const test = rdsTest();
    const { DbiResourceId } = await test.primary();
    const backups = async () =>
      (
        await test.rds<{ DBInstanceAutomatedBackups: { Status: string; DbiResourceId: string }[] }>(
          'DescribeDBInstanceAutomatedBackups',
        )
      ).DBInstanceAutomatedBackups.map(({ Status }) => Status);
    const remove = async (more: object) => {
      await test.rds('DeleteDBInstance', { DBInstanceIdentifier: 'photos', SkipFinalSnapshot: true, ...more });
      await test.clock.advance(5 * minutes);
    };
    const discard = () => test.rds('DeleteDBInstanceAutomatedBackup', { DbiResourceId });
    expect(await backups()).toEqual(['active']);
    await expect(discard()).rejects.toMatchObject({ code: 'InvalidDBInstanceAutomatedBackupState' });
    await remove({ DeleteAutomatedBackups: false });
    expect(await backups()).toEqual(['retained']);
    await discard();
    expect(await backups()).toEqual([]);
    await expect(discard()).rejects.toMatchObject({ code: 'DBInstanceAutomatedBackupNotFound' });
    await test.primary();
    await remove({});
    expect(await backups()).toEqual([]);
  });

  it('makes its replicas databases of their own', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    await test.rds('DeleteDBInstance', { DBInstanceIdentifier: 'photos', SkipFinalSnapshot: true });
    await test.clock.advance(20 * minutes);
    const orphan = await test.instance('photos-dr', there);
    expect(orphan).toMatchObject({ DBInstanceStatus: 'available', BackupRetentionPeriod: 1 });
    expect(orphan.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect((await test.database('photos-dr', there)).variables).toMatchObject({ read_only: '0' });
  });

  it('leaves a replica whose Region is dark as it is, which becomes one of its own on the return', async () => {
    const test = rdsTest();
    await test.primary();
    const { DBInstanceArn: source } = await test.instance('photos');
    await test.replica();
    test.setDark(there, true);
    await test.rds('DeleteDBInstance', { DBInstanceIdentifier: 'photos', SkipFinalSnapshot: true });
    await test.clock.advance(60 * minutes);
    expect((await test.instance('photos-dr', there)).ReadReplicaSourceDBInstanceIdentifier).toBe(source);
    await expect(test.instance('photos')).rejects.toThrow(/not found/);

    test.setDark(there, false);
    await test.clock.advance(20 * minutes);
    const orphan = await test.instance('photos-dr', there);
    expect(orphan).toMatchObject({ DBInstanceStatus: 'available' });
    expect(orphan.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect((await test.database('photos-dr', there)).variables).toMatchObject({ read_only: '0' });
  });
});
