import type { DBInstance } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRdsService } from '../../../../src/sandbox/services/rds/service.ts';
import { type RealSandbox, realSandbox } from '../../../support/real-sandbox.ts';
import { type RealRds, realRds } from './real-rds.ts';
import { here, photos, there } from './service-test.ts';

/** One database's life, from creation over a disaster to what is left of it: the cases build on each other, in order. */
describe('RDS over real servers', { timeout: 60_000 }, () => {
  let sandbox: RealSandbox;
  let real: RealRds;
  let acknowledged = 40;

  beforeAll(async () => {
    sandbox = await realSandbox([(core) => createRdsService(core)], { speed: 'max' });
    real = realRds(sandbox);
  });
  afterAll(() => sandbox?.stop());

  const rds: RealRds['rds'] = (...asked) => real.rds(...asked);
  const instance: RealRds['instance'] = (...asked) => real.instance(...asked);
  const available: RealRds['available'] = (...asked) => real.available(...asked);
  const connect: RealRds['connect'] = (...asked) => real.connect(...asked);
  const sql: RealRds['sql'] = (...asked) => real.sql(...asked);

  const counted = async (id: string, region = here): Promise<number> =>
    Number((await sql(id, 'SELECT COUNT(*) AS n FROM photo', region))[0]?.n);

  const applied = async (id: string): Promise<string> =>
    String((await sql(id, 'SELECT @@global.gtid_slave_pos AS at', there))[0]?.at);

  it('creates a primary on AWS time that its own Region reaches and no other', async () => {
    await rds('CreateDBInstance', { ...photos, DBName: 'photos' });
    await available('photos');
    await sql('photos', 'CREATE TABLE photo (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40))');
    for (let n = 0; n < 20; n++) await sql('photos', `INSERT INTO photo (name) VALUES ('photo ${n}')`);
    expect(await counted('photos')).toBe(20);

    sandbox.clock.setCeiling(10);
    const [{ now } = {}] = await sql('photos', 'SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS now');
    expect(Math.abs(Number(now) - sandbox.clock.now())).toBeLessThan(5000);
    sandbox.clock.setCeiling(Number.POSITIVE_INFINITY);
    await expect(connect('photos', here, there, 300)).rejects.toThrow(/ETIMEDOUT/);
    await expect(connect('photos', here, 'outside', 300)).rejects.toThrow(/ETIMEDOUT/);
  });

  it('builds a cross-Region replica that catches up through the relay', async () => {
    const { DBInstanceArn: source } = await instance('photos');
    await rds(
      'CreateDBInstanceReadReplica',
      { DBInstanceIdentifier: 'photos-dr', SourceDBInstanceIdentifier: source },
      there,
    );
    for (let n = 20; n < 40; n++) await sql('photos', `INSERT INTO photo (name) VALUES ('photo ${n}')`);
    const replica = await available('photos-dr', there);
    expect(replica.ReadReplicaSourceDBInstanceIdentifier).toBe(source);
    await expect.poll(() => counted('photos-dr', there), { timeout: 10_000 }).toBe(40);
    await expect(sql('photos-dr', "INSERT INTO photo (name) VALUES ('no')", there)).rejects.toThrow(/read-only/);
    await expect(sql('photos-dr', 'SET GLOBAL read_only = 0', there)).rejects.toThrow(/Access denied/);
  });

  it('goes on replicating after an outage of either side', async () => {
    const keepsUp = async (name: string) => {
      await sql('photos', `INSERT INTO photo (name) VALUES ('${name}')`);
      acknowledged++;
      await expect.poll(() => counted('photos-dr', there).catch(() => 0), { timeout: 20_000 }).toBe(acknowledged);
    };
    await sandbox.faults.goDark(there);
    await sql('photos', "INSERT INTO photo (name) VALUES ('while the replica was away')");
    acknowledged++;
    await sandbox.faults.bringBack(there);
    await keepsUp('the replica is back');
    await sandbox.faults.goDark(here);
    await sandbox.faults.bringBack(here);
    await keepsUp('the primary is back');
  });

  it('is cut off by an outage with what had been received, and says so', async () => {
    sandbox.clock.setCeiling(10);
    sandbox.faults.setDelay(here, there, 3000);
    const writer = await connect('photos');
    const writing = (async () => {
      for (;;) {
        await writer.query({ sql: "INSERT INTO photo (name) VALUES ('before the outage')", timeout: 1000 });
        acknowledged++;
      }
    })().catch(() => {});
    await expect.poll(() => counted('photos-dr', there), { interval: 5, timeout: 20_000 }).toBeGreaterThan(100);
    await sandbox.faults.goDark(here);
    await writing;
    writer.destroy();

    // The link was three seconds long: what was on its way never arrives.
    const kept = await counted('photos-dr', there);
    expect(kept).toBeGreaterThan(100);
    expect(kept).toBeLessThan(acknowledged);
    const status = async () => (await sql('photos-dr', 'SHOW SLAVE STATUS', there))[0];
    await expect.poll(async () => (await status())?.Slave_IO_Running, { timeout: 20_000 }).toBe('Connecting');
    expect(await status()).toMatchObject({ Slave_SQL_Running: 'Yes', Seconds_Behind_Master: null });
    const shown = async () => (await instance('photos-dr', there)).StatusInfos?.[0]?.Status;
    await expect.poll(shown, { timeout: 20_000 }).toBe('error');
    expect((await status())?.Gtid_IO_Pos).toBe(await applied('photos-dr'));
  });

  it('promotes without its source: the position stays readable and writes are accepted', async () => {
    const before = await applied('photos-dr');
    const rows = await counted('photos-dr', there);
    sandbox.clock.setCeiling(Number.POSITIVE_INFINITY);
    await rds('PromoteReadReplica', { DBInstanceIdentifier: 'photos-dr', BackupRetentionPeriod: 7 }, there);
    const old = await connect('photos-dr', there);
    await available('photos-dr', there, (one) => one.ReadReplicaSourceDBInstanceIdentifier === undefined);
    await expect(old.query('SELECT 1')).rejects.toThrow();
    old.destroy();

    expect(await applied('photos-dr')).toBe(before);
    expect(await sql('photos-dr', 'SHOW SLAVE STATUS', there)).toEqual([]);
    await sql('photos-dr', "INSERT INTO photo (name) VALUES ('promoted')", there);
    expect(await counted('photos-dr', there)).toBe(rows + 1);
  });

  it('gives the old primary back as it was: writable, with what was lost', async () => {
    await sandbox.faults.bringBack(here);
    expect((await instance('photos')).DBInstanceStatus).toBe('available');
    await sql('photos', "INSERT INTO photo (name) VALUES ('split brain')");
    expect(await counted('photos')).toBeGreaterThanOrEqual(acknowledged + 1);
    await expect.poll(async () => (await instance('photos')).ReadReplicaDBInstanceIdentifiers).toEqual([]);
  });

  it('fences it through its parameter group, which its owner cannot undo', async () => {
    const group = { DBParameterGroupName: 'photos' };
    await rds('CreateDBParameterGroup', { ...group, DBParameterGroupFamily: 'mysql8.0', Description: 'ours' });
    await rds('ModifyDBInstance', { DBInstanceIdentifier: 'photos', ...group });
    const waits = (status: string) => (one: DBInstance) => one.DBParameterGroups?.[0]?.ParameterApplyStatus === status;
    await available('photos', here, waits('pending-reboot'));
    await rds('RebootDBInstance', { DBInstanceIdentifier: 'photos' });
    await available('photos', here, waits('in-sync'));
    const Parameters = [{ ParameterName: 'read_only', ParameterValue: '1', ApplyMethod: 'immediate' }];
    await rds('ModifyDBParameterGroup', { ...group, Parameters });
    await available('photos', here, waits('in-sync'));
    await expect(sql('photos', "INSERT INTO photo (name) VALUES ('no')")).rejects.toThrow(/read-only/);
    await expect(sql('photos', 'SET GLOBAL read_only = 0')).rejects.toThrow(/Access denied/);
    await rds('ResetDBParameterGroup', { ...group, ResetAllParameters: true });
    await available('photos', here, waits('in-sync'));
    await sql('photos', "INSERT INTO photo (name) VALUES ('unfenced')");
  });

  it('lets its owner end sessions and change the password', async () => {
    const victim = await connect('photos');
    const [rows] = await victim.query('SELECT CONNECTION_ID() AS id');
    const [row] = rows as { id: number }[];
    await sql('photos', `CALL mysql.rds_kill(${row?.id})`);
    await expect(victim.query('SELECT 1')).rejects.toThrow();
    victim.destroy();
    await rds('ModifyDBInstance', { DBInstanceIdentifier: 'photos', MasterUserPassword: 'another-horse' });
    await available('photos', here, (one) => one.PendingModifiedValues?.MasterUserPassword === undefined);
    await expect(connect('photos')).rejects.toThrow(/Access denied/);
    real.password = 'another-horse';
    expect(await counted('photos')).toBeGreaterThan(acknowledged);
  });

  it('keeps its data through a rename, a stop and a start', async () => {
    const before = await instance('photos');
    const rows = await counted('photos');
    await rds('ModifyDBInstance', {
      DBInstanceIdentifier: 'photos',
      NewDBInstanceIdentifier: 'photos-old',
      ApplyImmediately: true,
    });
    await available('photos-old');
    expect(sandbox.network.resolve(before.Endpoint?.Address ?? '', 'A', here)).toBeUndefined();
    const renamed = (await instance('photos-old')).Endpoint?.Address ?? '';
    await expect.poll(() => sandbox.network.resolve(renamed, 'A', here), { timeout: 10_000 }).toBeDefined();
    expect(await counted('photos-old')).toBe(rows);

    await rds('StopDBInstance', { DBInstanceIdentifier: 'photos-old' });
    await expect.poll(async () => (await instance('photos-old')).DBInstanceStatus).toBe('stopped');
    await expect(connect('photos-old')).rejects.toThrow();
    await rds('StartDBInstance', { DBInstanceIdentifier: 'photos-old' });
    await available('photos-old');
    expect(await counted('photos-old')).toBe(rows);
  });

  it('takes a snapshot to the other Region and restores it there', async () => {
    const rows = await counted('photos-old');
    await rds('CreateDBSnapshot', { DBInstanceIdentifier: 'photos-old', DBSnapshotIdentifier: 'before' });
    await available('photos-old');
    const SourceDBSnapshotIdentifier = `arn:aws:rds:${here}:${sandbox.core.account}:snapshot:before`;
    await rds('CopyDBSnapshot', { SourceDBSnapshotIdentifier, TargetDBSnapshotIdentifier: 'before' }, there);
    const copied = async () =>
      (
        await rds<{ DBSnapshots: { Status: string }[] }>(
          'DescribeDBSnapshots',
          { DBSnapshotIdentifier: 'before' },
          there,
        )
      ).DBSnapshots[0]?.Status;
    await expect.poll(copied, { timeout: 10_000 }).toBe('available');
    const input = { DBInstanceIdentifier: 'restored', DBSnapshotIdentifier: 'before' };
    await rds('RestoreDBInstanceFromDBSnapshot', input, there);
    await available('restored', there);
    expect(await counted('restored', there)).toBe(rows);
    await sql('restored', "INSERT INTO photo (name) VALUES ('restored')", there);
  });

  it('leaves no server when it is deleted', async () => {
    await rds('DeleteDBInstance', { DBInstanceIdentifier: 'photos-old', SkipFinalSnapshot: true });
    const state = () =>
      instance('photos-old').then(
        ({ DBInstanceStatus }) => DBInstanceStatus,
        (error: Error) => error.message,
      );
    await expect.poll(state, { timeout: 10_000 }).toMatch(/not found/);
    expect(sandbox.core.region(here).machines.list()).toEqual([]);
  });
});
