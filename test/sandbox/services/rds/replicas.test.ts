import { describe, expect, it } from 'vitest';
import { here, minutes, photos, rdsTest, seconds, there } from './service-test.ts';

const promote = { DBInstanceIdentifier: 'photos-dr' };

describe('a cross-Region replica', () => {
  it('is built from a snapshot of its source, in the order of AWS', async () => {
    const test = rdsTest();
    const source = await test.primary();
    await test.rds(
      'CreateDBInstanceReadReplica',
      { ...promote, SourceDBInstanceIdentifier: source.DBInstanceArn, DeletionProtection: true, MultiAZ: true },
      there,
    );
    expect((await test.instance('photos')).DBInstanceStatus).toBe('modifying');
    await test.clock.advance(3 * minutes);
    expect((await test.instance('photos')).DBInstanceStatus).toBe('available');
    expect((await test.instance('photos-dr', there)).DBInstanceStatus).toBe('creating');
    await test.clock.advance(28 * minutes);

    expect(await test.instance('photos-dr', there)).toMatchObject({
      DBInstanceStatus: 'available',
      ReadReplicaSourceDBInstanceIdentifier: source.DBInstanceArn,
      BackupRetentionPeriod: 0,
      DeletionProtection: false,
      MultiAZ: true,
      DBInstanceClass: 'db.t4g.medium',
      DBParameterGroups: [{ DBParameterGroupName: 'default.mysql8.0', ParameterApplyStatus: 'in-sync' }],
      StatusInfos: [{ StatusType: 'read replication', Status: 'replicating', Normal: true }],
    });
    expect((await test.instance('photos')).ReadReplicaDBInstanceIdentifiers).toEqual([
      'arn:aws:rds:us-west-2:111122223333:db:photos-dr',
    ]);
    const database = await test.database('photos-dr', there);
    expect(database.told.slice(0, 3)).toEqual(['restore 0-1001-7', 'start', 'follow 0-1001-7']);
    expect(database.variables).toMatchObject({ read_only: '1' });
  });

  it('wants a source with backups, available, reachable, and a key of its own for encrypted data', async () => {
    const test = rdsTest();
    const source = await test.primary({ BackupRetentionPeriod: 0, StorageEncrypted: true });
    const create = (more = {}) =>
      test.rds(
        'CreateDBInstanceReadReplica',
        { ...promote, SourceDBInstanceIdentifier: source.DBInstanceArn, ...more },
        there,
      );
    await expect(create()).rejects.toThrow(/Automated backups are not enabled/);
    await test.rds('ModifyDBInstance', {
      DBInstanceIdentifier: 'photos',
      BackupRetentionPeriod: 3,
      ApplyImmediately: true,
    });
    await expect(create()).rejects.toMatchObject({ code: 'InvalidDBInstanceState' });
    await test.clock.advance(10 * minutes);
    await expect(create()).rejects.toThrow(/KmsKeyId of us-west-2/);
    test.setDark(here, true);
    await expect(create({ KmsKeyId: 'arn:aws:kms:us-west-2:111122223333:key/1' })).rejects.toMatchObject({
      status: 500,
    });
    test.setDark(here, false);
    await create({ KmsKeyId: 'arn:aws:kms:us-west-2:111122223333:key/1' });
    await test.clock.advance(31 * minutes);
    expect(await test.instance('photos-dr', there)).toMatchObject({ StorageEncrypted: true, KmsKeyId: /key.1/ });
  });

  it('is one of at most twenty that are made in a Region at the same time', async () => {
    const test = rdsTest();
    await test.primary();
    await test.rds('CreateDBInstance', { ...photos, DBInstanceIdentifier: 'albums' });
    await test.clock.advance(6 * minutes);
    const create = (source: string, number: number) => {
      const SourceDBInstanceIdentifier = `arn:aws:rds:${here}:111122223333:db:${source}`;
      const input = { DBInstanceIdentifier: `${source}-${number}`, SourceDBInstanceIdentifier };
      return test.rds('CreateDBInstanceReadReplica', input, there);
    };
    // Each shows its source as modifying for the time of its snapshot.
    for (let number = 1; number <= 10; number++) {
      await create('photos', number);
      await create('albums', number);
      await test.clock.advance(2 * minutes + 20 * seconds);
    }
    await expect(create('photos', 11)).rejects.toMatchObject({ code: 'InstanceQuotaExceeded' });
    await test.clock.advance(30 * minutes);
    await create('photos', 11);
  });

  it('is a source itself once it keeps backups, in a chain of three', async () => {
    const test = rdsTest();
    await test.primary();
    const create = (id: string, source: string) =>
      test.rds('CreateDBInstanceReadReplica', { DBInstanceIdentifier: id, SourceDBInstanceIdentifier: source });
    const chain = ['photos', 'one', 'two', 'three'];
    for (const [index, id] of chain.slice(1).entries()) {
      await create(id, chain[index] ?? '');
      await test.clock.advance(15 * minutes);
      await test.rds('ModifyDBInstance', {
        DBInstanceIdentifier: id,
        BackupRetentionPeriod: 1,
        ApplyImmediately: true,
      });
      await test.clock.advance(15 * minutes);
    }
    expect((await test.instance('three')).ReadReplicaSourceDBInstanceIdentifier).toBe('two');
    await expect(create('four', 'three')).rejects.toMatchObject({ code: 'InvalidParameterCombination' });
  });

  it('has the option group of its source in the same Region, and the default one elsewhere', async () => {
    const test = rdsTest();
    await test.primary({ OptionGroupName: 'ours' });
    const groupOf = async (id: string, region?: string) =>
      (await test.instance(id, region)).OptionGroupMemberships?.[0]?.OptionGroupName;
    await test.rds('CreateDBInstanceReadReplica', {
      DBInstanceIdentifier: 'beside',
      SourceDBInstanceIdentifier: 'photos',
    });
    await test.clock.advance(5 * minutes);
    await test.replica();
    expect([await groupOf('photos'), await groupOf('beside'), await groupOf('photos-dr', there)]).toEqual([
      'ours',
      'ours',
      'default:mysql-8-0',
    ]);
  });

  it('refuses an encrypted copy of unencrypted data', async () => {
    const test = rdsTest();
    const source = await test.primary();
    const input = { ...promote, SourceDBInstanceIdentifier: source.DBInstanceArn, KmsKeyId: 'key' };
    await expect(test.rds('CreateDBInstanceReadReplica', input, there)).rejects.toThrow(/unencrypted source/);
  });

  it('is finished when its source Region was dark in between', async () => {
    const test = rdsTest();
    const source = await test.primary();
    (await test.database('photos')).failing = new Error('killed');
    const input = { ...promote, SourceDBInstanceIdentifier: source.DBInstanceArn };
    await test.rds('CreateDBInstanceReadReplica', input, there);
    test.setDark(here, true);
    await test.clock.advance(60 * minutes);
    expect((await test.instance('photos-dr', there)).DBInstanceStatus).toBe('creating');
    (await test.database('photos')).failing = undefined;
    test.setDark(here, false);
    await test.clock.advance(40 * minutes);
    expect((await test.instance('photos-dr', there)).DBInstanceStatus).toBe('available');
  });

  it('publishes its lag each minute, and -1 when it does not replicate', async () => {
    const published: { MetricName: string; Value: number; Dimensions: unknown }[] = [];
    const regions = new Set<string>();
    const test = rdsTest([
      () => ({
        name: 'monitoring',
        operations: {
          PutMetricData: {
            handle: (input: { MetricData: typeof published }, call) => {
              const lags = input.MetricData.filter(({ MetricName }) => MetricName === 'ReplicaLag');
              published.push(...lags);
              if (lags.length > 0) regions.add(call.region);
              return {};
            },
          },
        },
      }),
    ]);
    await test.primary();
    await test.replica();
    published.length = 0;
    await test.clock.advance(5 * minutes);
    expect(published.map(({ Value }) => Value)).toEqual([0, 0, 0, 0, 0]);
    expect(published[0]?.Dimensions).toEqual([{ Name: 'DBInstanceIdentifier', Value: 'photos-dr' }]);
    expect([...regions]).toEqual([there]);

    const database = await test.database('photos-dr', there);
    database.follows = {
      receiving: 'connecting',
      applying: true,
      lag: undefined,
      error: 'error reconnecting to master',
      received: '',
      applied: '',
      delay: 0,
    };
    await test.clock.advance(minutes);
    expect(published.at(-1)?.Value).toBe(-1);
    expect((await test.instance('photos-dr', there)).StatusInfos).toEqual([
      { StatusType: 'read replication', Status: 'error', Normal: false, Message: 'error reconnecting to master' },
    ]);
  });
});

describe('replication that stays broken', () => {
  it('is given up after thirty days, and the replica can still be promoted', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    const database = await test.database('photos-dr', there);
    const working = database.follows;
    if (working === undefined) throw new Error('it follows nobody');
    const days = async (count: number) => {
      // Nobody looks while both Regions are dark, and time goes on.
      for (const region of [here, there]) test.setDark(region, true);
      await test.clock.advance(count * 24 * 60 * minutes);
      for (const region of [here, there]) test.setDark(region, false);
      await test.clock.advance(minutes);
    };
    const status = async () => (await test.instance('photos-dr', there)).StatusInfos?.[0]?.Status;
    const broken = { ...working, receiving: 'no', applying: false, lag: undefined } as const;
    database.follows = { ...broken, error: 'Duplicate entry' };
    await test.clock.advance(minutes);
    await days(29);
    database.follows = working;
    await test.clock.advance(minutes);
    expect(await status()).toBe('replicating');
    database.follows = broken;
    await test.clock.advance(minutes);
    await days(29);
    expect(await status()).toBe('stopped');
    await days(2);
    expect(await status()).toBe('terminated');
    expect(database.told).toContain('leave');
    await test.rds('PromoteReadReplica', promote, there);
    await test.clock.advance(10 * minutes);
    expect((await test.instance('photos-dr', there)).ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
  });
});

describe('promotion', () => {
  it('flickers, reboots, and names its source until the end', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    await test.rds('ModifyDBInstance', { ...promote, BackupRetentionPeriod: 7, ApplyImmediately: true }, there);
    await test.clock.advance(10 * minutes);
    const answer = await test.rds('PromoteReadReplica', { ...promote, BackupRetentionPeriod: 7 }, there);
    expect(answer).toMatchObject({ DBInstance: { DBInstanceStatus: 'modifying' } });

    const began = test.clock.now();
    const seen: { status: string; source: boolean; after: number }[] = [];
    for (;;) {
      const { DBInstanceStatus: status = '', ReadReplicaSourceDBInstanceIdentifier: source } = await test.instance(
        'photos-dr',
        there,
      );
      if (seen.at(-1)?.status !== status) {
        seen.push({ status, source: source !== undefined, after: (test.clock.now() - began) / seconds });
      }
      if (source === undefined) break;
      await test.clock.advance(seconds);
    }
    expect(seen.map(({ status }) => status)).toEqual(['available', 'modifying', 'rebooting', 'modifying', 'available']);
    expect(seen.slice(0, -1).every(({ source }) => source)).toBe(true);
    expect(seen.at(-1)?.after).toBeGreaterThanOrEqual(299);
    expect(seen.at(-1)?.after).toBeLessThanOrEqual(302);

    const database = await test.database('photos-dr', there);
    expect(database.told).toContain('leave');
    expect(database.variables).toMatchObject({ read_only: '0' });
    const promoted = await test.instance('photos-dr', there);
    expect(promoted).toMatchObject({ BackupRetentionPeriod: 7, PendingModifiedValues: {}, StatusInfos: [] });
    await test.clock.advance(10 * seconds);
    expect((await test.instance('photos')).ReadReplicaDBInstanceIdentifiers).toEqual([]);
  });

  it('takes longer when backups were off, and ends with a first backup', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    await test.rds('PromoteReadReplica', { ...promote, BackupRetentionPeriod: 7 }, there);
    await test.clock.advance(302 * seconds);
    expect(await test.instance('photos-dr', there)).toMatchObject({ DBInstanceStatus: 'backing-up' });
    await test.clock.advance(180 * seconds);
    expect(await test.instance('photos-dr', there)).toMatchObject({ DBInstanceStatus: 'available' });
  });

  it('keeps one day of backups when nothing is said, whatever the replica kept', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    await test.rds('ModifyDBInstance', { ...promote, BackupRetentionPeriod: 7, ApplyImmediately: true }, there);
    await test.clock.advance(10 * minutes);
    const answer = await test.rds('PromoteReadReplica', promote, there);
    expect(answer).toMatchObject({ DBInstance: { DBInstanceStatus: 'modifying', PendingModifiedValues: {} } });
    await test.clock.advance(10 * seconds);
    expect((await test.instance('photos-dr', there)).PendingModifiedValues).toEqual({ BackupRetentionPeriod: 1 });
    await test.clock.advance(10 * minutes);
    expect(await test.instance('photos-dr', there)).toMatchObject({
      BackupRetentionPeriod: 1,
      PendingModifiedValues: {},
    });
  });

  it('is followed by a whole backup in the next window, which takes longer than those after it', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    await test.rds('ModifyDBInstance', { ...promote, BackupRetentionPeriod: 7, ApplyImmediately: true }, there);
    await test.clock.advance(10 * minutes);
    const PreferredBackupWindow = '14:00-14:30';
    await test.rds('PromoteReadReplica', { ...promote, BackupRetentionPeriod: 7, PreferredBackupWindow }, there);
    await test.clock.advance(Date.UTC(2026, 10, 23, 13, 59) - test.clock.now());
    const backingUp = async () => {
      let seen = 0;
      for (let second = 0; second < 6 * 60; second++) {
        await test.clock.advance(seconds);
        if ((await test.instance('photos-dr', there)).DBInstanceStatus === 'backing-up') seen++;
      }
      return seen;
    };
    expect(await backingUp()).toBe(240);
    await test.clock.advance(Date.UTC(2026, 10, 24, 13, 59) - test.clock.now());
    expect(await backingUp()).toBe(120);
  });

  it('is refused while backing up, twice, and for what is no replica', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    await expect(test.rds('PromoteReadReplica', { DBInstanceIdentifier: 'photos' })).rejects.toThrow(
      /not a read replica/,
    );
    await test.rds('CreateDBSnapshot', { ...promote, DBSnapshotIdentifier: 'snap' }, there);
    expect((await test.instance('photos-dr', there)).DBInstanceStatus).toBe('backing-up');
    await expect(test.rds('PromoteReadReplica', promote, there)).rejects.toMatchObject({
      code: 'InvalidDBInstanceState',
    });
    await test.clock.advance(3 * minutes);
    await test.rds('PromoteReadReplica', promote, there);
    expect((await test.instance('photos-dr', there)).DBInstanceStatus).toBe('available');
    await expect(test.rds('PromoteReadReplica', promote, there)).rejects.toMatchObject({
      code: 'InvalidDBInstanceState',
    });
  });

  it('needs nothing of the source Region, which learns of it on its return', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    test.setDark(here, true);
    await test.rds('PromoteReadReplica', promote, there);
    await test.clock.advance(10 * minutes);
    expect((await test.instance('photos-dr', there)).ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect((await test.instance('photos')).ReadReplicaDBInstanceIdentifiers).toHaveLength(1);
    test.setDark(here, false);
    await test.clock.advance(10 * seconds);
    expect((await test.instance('photos')).ReadReplicaDBInstanceIdentifiers).toEqual([]);
  });

  it('leaves a database read-only whose group says so outright', async () => {
    const test = rdsTest();
    await test.primary();
    const group = { DBParameterGroupName: 'fixed' };
    await test.rds('CreateDBParameterGroup', { ...group, DBParameterGroupFamily: 'mysql8.0', Description: 'x' }, there);
    const Parameters = [{ ParameterName: 'read_only', ParameterValue: '1', ApplyMethod: 'immediate' }];
    await test.rds('ModifyDBParameterGroup', { ...group, Parameters }, there);
    await test.replica(group);
    await test.rds('PromoteReadReplica', promote, there);
    await test.clock.advance(10 * minutes);
    expect((await test.database('photos-dr', there)).variables).toMatchObject({ read_only: '1' });
  });
});

describe('binary logs', () => {
  it('are kept for replicas and for the hours asked for, and go otherwise', async () => {
    const test = rdsTest();
    await test.primary();
    const database = await test.database('photos');
    await test.clock.advance(11 * minutes);
    expect(database.told.filter((what) => what.startsWith('purge')).length).toBeGreaterThan(1);
    database.retention = 1;
    database.told.length = 0;
    await test.clock.advance(30 * minutes);
    // An hour back is before any of the last logs: what is removed stays what it was.
    expect(new Set(database.told.filter((what) => what.startsWith('purge'))).size).toBeLessThanOrEqual(1);
    await test.replica();
    database.retention = undefined;
    database.told.length = 0;
    await test.clock.advance(30 * minutes);
    expect(database.told.filter((what) => what.startsWith('purge'))).toEqual([]);
    expect(database.told).toContain('beat');
    expect((await test.database('photos-dr', there)).told).not.toContain('beat');
  });
});
