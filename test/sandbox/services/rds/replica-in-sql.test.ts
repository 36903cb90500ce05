import type { DBInstance } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRdsService } from '../../../../src/sandbox/services/rds/service.ts';
import { type RealSandbox, realSandbox } from '../../../support/real-sandbox.ts';
import { type RealRds, realRds } from './real-rds.ts';
import { here, photos, there } from './service-test.ts';

/** A replica and its promotion as their owner meets them in SQL: the cases build on each other, in order. */
describe('a replica in SQL', { timeout: 60_000 }, () => {
  let sandbox: RealSandbox;
  let real: RealRds;
  const replica = { DBInstanceIdentifier: 'photos-dr' };
  const group = { DBParameterGroupName: 'photos-dr' };

  beforeAll(async () => {
    sandbox = await realSandbox([(core) => createRdsService(core)], { speed: 'max' });
    real = realRds(sandbox);
    await real.rds('CreateDBInstance', { ...photos, DBName: 'photos' });
    await real.available('photos');
  }, 60_000);
  afterAll(() => sandbox?.stop());

  const inReplica = (statement: string) => real.sql('photos-dr', statement, there);
  const applied = (id: number) => async () =>
    (await inReplica(`SELECT COUNT(*) AS n FROM photo WHERE id = ${id}`))[0]?.n;
  const status = async () => (await real.instance('photos-dr', there)).StatusInfos?.[0]?.Status;
  const groupIs = (state: string) => (one: DBInstance) => one.DBParameterGroups?.[0]?.ParameterApplyStatus === state;

  it('carries the events of its snapshot enabled, and those that arrive later disabled', async () => {
    await real.sql('photos', 'CREATE TABLE photo (id INT PRIMARY KEY, name VARCHAR(40))');
    await real.sql('photos', 'CREATE EVENT old ON SCHEDULE EVERY 1 YEAR DO DELETE FROM photo WHERE id < 0');
    const { DBInstanceArn: source } = await real.instance('photos');
    await real.rds('CreateDBParameterGroup', { ...group, DBParameterGroupFamily: 'mysql8.0', Description: 'x' }, there);
    await real.rds('CreateDBInstanceReadReplica', { ...replica, ...group, SourceDBInstanceIdentifier: source }, there);
    await real.available('photos-dr', there);
    await real.sql('photos', 'CREATE EVENT new ON SCHEDULE EVERY 1 YEAR DO DELETE FROM photo WHERE id < 0');
    await real.sql('photos', "INSERT INTO photo VALUES (1, 'one')");
    await expect.poll(applied(1), { timeout: 10_000 }).toBe(1);
    expect(await inReplica('SELECT event_name AS e, status AS s FROM information_schema.events ORDER BY 1')).toEqual([
      { e: 'new', s: 'SLAVESIDE_DISABLED' },
      { e: 'old', s: 'ENABLED' },
    ]);
    expect(await inReplica('SELECT @@event_scheduler AS on_')).toEqual([{ on_: 'ON' }]);
  });

  it('is stopped and started by its owner, and the API tells', async () => {
    await inReplica('CALL mysql.rds_stop_replication()');
    await expect.poll(status, { timeout: 10_000 }).toBe('stopped');
    await real.sql('photos', "INSERT INTO photo VALUES (2, 'meanwhile')");
    expect(await applied(2)()).toBe(0);
    await inReplica('CALL mysql.rds_start_replication()');
    await expect.poll(status, { timeout: 10_000 }).toBe('replicating');
    await expect.poll(applied(2), { timeout: 10_000 }).toBe(1);
  });

  it('is opened by the dynamic read_only of its own group, parts from its source in silence, and is closed again', async () => {
    const readOnly = async (value: string) => {
      const Parameters = [{ ParameterName: 'read_only', ParameterValue: value, ApplyMethod: 'immediate' }];
      await real.rds('ModifyDBParameterGroup', { ...group, Parameters }, there);
      await real.available('photos-dr', there, groupIs('in-sync'));
    };
    await expect(inReplica("INSERT INTO photo VALUES (3, 'no')")).rejects.toThrow(/read-only/);
    await readOnly('0');
    await inReplica("INSERT INTO photo VALUES (3, 'only here')");
    await real.sql('photos', "INSERT INTO photo VALUES (4, 'everywhere')");
    await expect.poll(applied(4), { timeout: 10_000 }).toBe(1);
    expect(await status()).toBe('replicating');
    // Who wrote what is on record: a transaction under the replica's own number is none of its source's.
    const [{ id, log } = {}] = await inReplica('SELECT @@server_id AS id, @@global.gtid_binlog_state AS log');
    expect(String(log)).toMatch(new RegExp(`(^|,)0-${String(id)}-\\d+`));
    await readOnly('{TrueIfReplica}');
    await expect(inReplica("INSERT INTO photo VALUES (5, 'no')")).rejects.toThrow(/read-only/);
  });

  it('breaks on a row that it has of its own, says so, and goes on when the row is skipped', async () => {
    await real.sql('photos', "INSERT INTO photo VALUES (3, 'of the source')");
    await expect.poll(status, { timeout: 10_000 }).toBe('error');
    const [info] = (await real.instance('photos-dr', there)).StatusInfos ?? [];
    expect(info).toMatchObject({ Normal: false, Message: expect.stringContaining('Duplicate entry') });
    await inReplica('CALL mysql.rds_skip_repl_error()');
    await expect.poll(status, { timeout: 10_000 }).toBe('replicating');
  });

  it('is read-only until its promotion is done, and its later events stay off until somebody enables them', async () => {
    sandbox.clock.setCeiling(30);
    await real.rds('PromoteReadReplica', { ...replica, BackupRetentionPeriod: 0 }, there);
    const state = async () => (await real.instance('photos-dr', there)).DBInstanceStatus;
    await expect.poll(state, { interval: 10, timeout: 10_000 }).toBe('modifying');
    await expect(inReplica("INSERT INTO photo VALUES (10, 'too early')")).rejects.toThrow(/read-only/);
    expect((await real.instance('photos-dr', there)).ReadReplicaSourceDBInstanceIdentifier).toBeDefined();
    sandbox.clock.setCeiling(Number.POSITIVE_INFINITY);
    await real.available('photos-dr', there, (one) => one.ReadReplicaSourceDBInstanceIdentifier === undefined);
    await inReplica("INSERT INTO photo VALUES (10, 'promoted')");
    const events = () => inReplica('SELECT event_name AS e, status AS s FROM information_schema.events ORDER BY 1');
    expect(await events()).toEqual([
      { e: 'new', s: 'SLAVESIDE_DISABLED' },
      { e: 'old', s: 'ENABLED' },
    ]);
    await inReplica('ALTER EVENT new ENABLE');
    expect((await events())[0]).toEqual({ e: 'new', s: 'ENABLED' });
  });

  it('becomes a database of its own when its source is deleted', async () => {
    const orphan = { DBInstanceIdentifier: 'orphan', SourceDBInstanceIdentifier: 'photos' };
    await real.rds('CreateDBInstanceReadReplica', orphan);
    await real.available('orphan');
    await expect(real.sql('orphan', "INSERT INTO photo VALUES (20, 'no')")).rejects.toThrow(/read-only/);
    await real.rds('DeleteDBInstance', { DBInstanceIdentifier: 'photos', FinalDBSnapshotIdentifier: 'last' });
    await real.available('orphan', here, (one) => one.ReadReplicaSourceDBInstanceIdentifier === undefined);
    await real.sql('orphan', "INSERT INTO photo VALUES (20, 'alone')");

    const { DBSnapshots: [last] = [] } = await real.rds<{ DBSnapshots?: { Status: string }[] }>('DescribeDBSnapshots', {
      DBSnapshotIdentifier: 'last',
    });
    expect(last).toMatchObject({ Status: 'available' });
    await real.rds('RestoreDBInstanceFromDBSnapshot', { DBInstanceIdentifier: 'again', DBSnapshotIdentifier: 'last' });
    await real.available('again');
    expect(await real.sql('again', 'SELECT COUNT(*) AS n FROM photo WHERE id = 4')).toEqual([{ n: 1 }]);
  });
});
