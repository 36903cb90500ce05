import type { DBParameterGroupStatus, Parameter } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { here, minutes, rdsTest, seconds, there } from './service-test.ts';

const photos = { DBInstanceIdentifier: 'photos' };

describe('modifying an instance', () => {
  it('turns Multi-AZ on without a restart', async () => {
    const test = rdsTest();
    await test.primary();
    const { told } = await test.database('photos');
    const starts = () => told.filter((what) => what === 'start').length;
    const before = starts();
    await test.rds('ModifyDBInstance', { ...photos, MultiAZ: true, ApplyImmediately: true });
    expect(await test.instance('photos')).toMatchObject({ MultiAZ: false, PendingModifiedValues: { MultiAZ: true } });
    expect(await test.statuses('photos', 16 * minutes)).toEqual(['available', 'modifying', 'available']);
    expect(await test.instance('photos')).toMatchObject({ MultiAZ: true, PendingModifiedValues: {} });
    expect(starts()).toBe(before);
  });

  it('waits for the maintenance window unless told otherwise', async () => {
    const test = rdsTest();
    // The tests' clock starts on a Monday at noon.
    await test.primary({ PreferredMaintenanceWindow: 'mon:14:00-mon:14:30' });
    await test.rds('ModifyDBInstance', { ...photos, MultiAZ: true });
    await test.clock.advance(100 * minutes);
    expect(await test.instance('photos')).toMatchObject({ MultiAZ: false, PendingModifiedValues: { MultiAZ: true } });
    await test.clock.advance(40 * minutes);
    expect(await test.instance('photos')).toMatchObject({ MultiAZ: true, PendingModifiedValues: {} });
  });

  it('restarts the server to turn backups off or on', async () => {
    const test = rdsTest();
    await test.primary();
    await test.rds('ModifyDBInstance', { ...photos, BackupRetentionPeriod: 0, ApplyImmediately: true });
    expect(await test.statuses('photos', 3 * minutes)).toEqual(['available', 'modifying', 'rebooting', 'available']);
    await test.rds('ModifyDBInstance', { ...photos, BackupRetentionPeriod: 3, ApplyImmediately: true });
    expect(await test.statuses('photos', 6 * minutes)).toEqual([
      'available',
      'modifying',
      'rebooting',
      'backing-up',
      'available',
    ]);
    expect(await test.instance('photos')).toMatchObject({ BackupRetentionPeriod: 3, PendingModifiedValues: {} });
  });

  it('keeps backups on while there are replicas', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    await expect(
      test.rds('ModifyDBInstance', { ...photos, BackupRetentionPeriod: 0, ApplyImmediately: true }),
    ).rejects.toMatchObject({ code: 'InvalidDBInstanceState' });
  });

  it('changes the password and never shows it', async () => {
    const test = rdsTest();
    await test.primary();
    await test.rds('ModifyDBInstance', { ...photos, MasterUserPassword: 'another-horse' });
    expect((await test.instance('photos')).PendingModifiedValues).toEqual({ MasterUserPassword: '****' });
    expect(await test.statuses('photos', minutes)).toEqual(['available', 'resetting-master-credentials', 'available']);
    expect((await test.database('photos')).told).toContain('password');
    expect(JSON.stringify(test.core.table('rds', here, 'instances').values())).not.toMatch(
      /another-horse|correct-horse/,
    );
  });

  it('renames: the old name stops answering, the data stay, replicas follow', async () => {
    const test = rdsTest();
    const before = await test.primary();
    await test.replica();
    const { told } = await test.database('photos');
    await test.rds('ModifyDBInstance', { ...photos, NewDBInstanceIdentifier: 'photos-old', ApplyImmediately: true });
    expect((await test.instance('photos')).PendingModifiedValues).toEqual({ DBInstanceIdentifier: 'photos-old' });
    expect(await test.statuses('photos', 60 * seconds)).toEqual(['available', 'renaming']);
    await test.clock.advance(2 * minutes);
    await expect(test.instance('photos')).rejects.toMatchObject({ code: 'DBInstanceNotFound' });
    const after = await test.instance('photos-old');
    expect(after).toMatchObject({ DBInstanceStatus: 'available', DbiResourceId: before.DbiResourceId });
    const resolve = (name: string | undefined) => test.core.network.resolve(name ?? '', 'A', here);
    expect(resolve(before.Endpoint?.Address)).toBeUndefined();
    // The new name is minutes behind the instance, whatever happens to it meanwhile.
    expect(resolve(after.Endpoint?.Address)).toBeUndefined();
    await test.rds('RebootDBInstance', { DBInstanceIdentifier: 'photos-old' });
    await test.clock.advance(6 * minutes);
    expect(resolve(after.Endpoint?.Address)).toBeUndefined();
    await test.clock.advance(90 * seconds);
    expect(resolve(after.Endpoint?.Address)).toMatchObject({ values: [expect.stringMatching(/^127\./)] });
    expect(told.filter((what) => what === 'start')).toHaveLength(3);
    expect((await test.instance('photos-dr', there)).ReadReplicaSourceDBInstanceIdentifier).toBe(after.DBInstanceArn);
  });

  it('refuses what it cannot do', async () => {
    const test = rdsTest();
    await test.primary();
    const modify = (input: object) => test.rds('ModifyDBInstance', { ...photos, ...input });
    await expect(modify({ EngineVersion: '8.4' })).rejects.toMatchObject({ code: 'UnsupportedOperation' });
    await expect(modify({ AllocatedStorage: 10, ApplyImmediately: true })).rejects.toThrow(/only grow/);
    await expect(modify({ PreferredBackupWindow: '03:00-03:10' })).rejects.toThrow(/30 minutes/);
    await expect(modify({ DBPortNumber: 3307 })).rejects.toThrow(/DBPortNumber/);
    await modify({ MultiAZ: true, ApplyImmediately: true });
    await expect(modify({ CopyTagsToSnapshot: true })).rejects.toMatchObject({ code: 'InvalidDBInstanceState' });
  });

  it('backs up in its window, once', async () => {
    const test = rdsTest();
    await test.primary({ PreferredBackupWindow: '13:00-13:30' });
    await test.clock.advance(54 * minutes + 20 * seconds);
    expect(await test.statuses('photos', 10 * minutes)).toEqual(['backing-up', 'available']);
    expect(await test.statuses('photos', 60 * minutes)).toEqual(['available']);
  });
});

describe('parameter groups', () => {
  const group = { DBParameterGroupName: 'ours' };
  const modify = (name: string, value: string, method: string) => ({
    ...group,
    Parameters: [{ ParameterName: name, ParameterValue: value, ApplyMethod: method }],
  });

  async function withGroup() {
    const test = rdsTest();
    await test.rds('CreateDBParameterGroup', { ...group, DBParameterGroupFamily: 'mysql8.0', Description: 'x' });
    await test.primary(group);
    const applied = async () => {
      const [one]: DBParameterGroupStatus[] = (await test.instance('photos')).DBParameterGroups ?? [];
      return one?.ParameterApplyStatus;
    };
    return { test, applied };
  }

  it('reach the running server after a moment when they are dynamic', async () => {
    const { test, applied } = await withGroup();
    const database = await test.database('photos');
    await test.rds('ModifyDBParameterGroup', modify('read_only', '1', 'immediate'));
    expect(await applied()).toBe('applying');
    await test.clock.advance(20 * seconds);
    expect(await applied()).toBe('in-sync');
    expect(database.variables).toMatchObject({ read_only: '1' });

    await test.rds('ResetDBParameterGroup', { ...group, ResetAllParameters: true });
    await test.clock.advance(20 * seconds);
    expect(database.variables).toMatchObject({ read_only: '0' });
    expect(await applied()).toBe('in-sync');
  });

  it('wait for a reboot when they are static, or when asked to', async () => {
    const { test, applied } = await withGroup();
    const database = await test.database('photos');
    await test.rds('ModifyDBParameterGroup', modify('max_connections', '99', 'pending-reboot'));
    await test.rds('ModifyDBParameterGroup', modify('read_only', '1', 'immediate'));
    await test.clock.advance(20 * seconds);
    expect(await applied()).toBe('pending-reboot');
    expect(database.variables).toMatchObject({ read_only: '1', max_connections: '341' });
    await test.rds('RebootDBInstance', photos);
    await test.clock.advance(minutes);
    expect(await applied()).toBe('in-sync');
    expect(database.variables).toMatchObject({ max_connections: '99' });
  });

  it('are taken up by an instance at its next reboot', async () => {
    const { test, applied } = await withGroup();
    const other = { DBParameterGroupName: 'other' };
    await test.rds('CreateDBParameterGroup', { ...other, DBParameterGroupFamily: 'mysql8.0', Description: 'x' });
    await test.rds('ModifyDBInstance', { ...photos, ...other, ApplyImmediately: true });
    expect(await applied()).toBe('applying');
    await test.clock.advance(minutes);
    expect(await applied()).toBe('pending-reboot');
    await expect(test.rds('DeleteDBParameterGroup', other)).rejects.toMatchObject({
      code: 'InvalidDBParameterGroupState',
    });
    await test.rds('DeleteDBParameterGroup', group);
  });

  it('say where a value comes from, and refuse what they cannot take', async () => {
    const { test } = await withGroup();
    await test.rds('ModifyDBParameterGroup', modify('gtid-mode', 'ON', 'pending-reboot'));
    const { Parameters = [] } = await test.rds<{ Parameters?: Parameter[] }>('DescribeDBParameters', {
      ...group,
      Source: 'user',
    });
    expect(Parameters).toMatchObject([{ ParameterName: 'gtid-mode', ParameterValue: 'ON', ApplyType: 'static' }]);
    const refused = (name: string, value: string, method: string) =>
      expect(test.rds('ModifyDBParameterGroup', modify(name, value, method))).rejects;
    await refused('gtid-mode', 'ON', 'immediate').toMatchObject({ code: 'InvalidParameterCombination' });
    await refused('max_connections', 'many', 'immediate').toMatchObject({ code: 'InvalidParameterValue' });
    await refused('no_such_thing', '1', 'immediate').toThrow(/Could not find parameter/);
    await expect(
      test.rds('ModifyDBParameterGroup', {
        ...modify('read_only', '1', 'immediate'),
        DBParameterGroupName: 'default.mysql8.0',
      }),
    ).rejects.toThrow(/default parameter group/);
  });
});
