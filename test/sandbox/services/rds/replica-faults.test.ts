import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../../../../src/kernel/clock.ts';
import { createMonitoringService } from '../../../../src/sandbox/services/monitoring/operations.ts';
import { type RealRds, realPair, type SqlRow } from './real-rds.ts';
import { here, there } from './service-test.ts';

const lag = { kind: 'replication-lag', region: there, seconds: 120 } as const;
const broken = { kind: 'broken-replica', region: there } as const;

/** One pair of databases, and what can be wrong with its replica: the cases build on each other, in order. */
describe('faults of a real replica', { timeout: 60_000 }, () => {
  let pair: RealRds;
  let written = 0;

  beforeAll(async () => {
    pair = await realPair([createMonitoringService]);
    pair.sandbox.clock.setCeiling(10);
  }, 60_000);
  afterAll(() => pair?.sandbox.stop());

  async function write(): Promise<void> {
    await pair.sql('photos', `INSERT INTO photo (name) VALUES ('photo ${written}')`);
    written++;
  }
  const counted = async (): Promise<number> =>
    Number((await pair.sql('photos-dr', 'SELECT COUNT(*) AS n FROM photo', there))[0]?.n);
  const status = async (): Promise<SqlRow> => (await pair.sql('photos-dr', 'SHOW SLAVE STATUS', there))[0] ?? {};
  const replication = async () => (await pair.instance('photos-dr', there)).StatusInfos?.[0];
  async function received(): Promise<void> {
    const [{ at } = {}] = await pair.sql('photos', 'SELECT @@global.gtid_binlog_pos AS at');
    await expect.poll(async () => (await status()).Gtid_IO_Pos, { timeout: 10_000 }).toBe(at);
  }
  const caughtUp = () => expect.poll(counted, { timeout: 20_000, interval: 20 }).toBe(written);

  it('lags: what is received is applied that much later, and its lag says so', async () => {
    await write();
    await caughtUp();
    const { id } = await pair.sandbox.board.raise(lag);
    const before = pair.sandbox.clock.now();
    await write();
    await received();
    expect(await counted()).toBe(written - 1);
    await expect
      .poll(async () => Number((await status()).Seconds_Behind_Master), { timeout: 20_000 })
      .toBeGreaterThan(20);
    expect(await counted()).toBe(written - 1);
    expect(await replication()).toMatchObject({ Status: 'replicating', Normal: true });
    await caughtUp();
    expect(pair.sandbox.clock.now() - before).toBeGreaterThan(100_000);

    await write();
    await received();
    const lifted = pair.sandbox.clock.now();
    await pair.sandbox.board.lift(id);
    await caughtUp();
    expect(pair.sandbox.clock.now() - lifted).toBeLessThan(60_000);
    expect(await status()).toMatchObject({ SQL_Delay: 0, Using_Gtid: 'Slave_Pos' });
  });

  it('lags still after an outage of its Region', async () => {
    const { id } = await pair.sandbox.board.raise(lag);
    await pair.sandbox.faults.goDark(there);
    await pair.sandbox.faults.bringBack(there);
    await write();
    await received();
    expect(await status()).toMatchObject({ SQL_Delay: 120 });
    expect(await counted()).toBe(written - 1);
    await pair.sandbox.board.lift(id);
    await caughtUp();
  });

  it('catches up with what it had received when its source is gone by then', async () => {
    const { id } = await pair.sandbox.board.raise({ ...lag, seconds: 3600 });
    for (let n = 0; n < 20; n++) await write();
    await received();
    await pair.sandbox.faults.goDark(here);
    await expect.poll(async () => (await status()).Slave_IO_Running, { timeout: 20_000 }).toBe('Connecting');
    expect(await counted()).toBe(written - 20);
    await pair.sandbox.board.lift(id);
    await caughtUp();
    expect(await status()).toMatchObject({ SQL_Delay: 0, Using_Gtid: 'Slave_Pos', Slave_SQL_Running: 'Yes' });
    await pair.sandbox.faults.bringBack(here);
    await write();
    await caughtUp();
  });

  it('breaks on a row that should not be there, and goes on with nothing lost when it is gone', async () => {
    const { id } = await pair.sandbox.board.raise(broken);
    await expect.poll(async () => (await status()).Last_SQL_Errno, { timeout: 10_000 }).toBe(1062);
    await write();
    await received();
    expect(await counted()).toBe(written - 1);
    expect(await status()).toMatchObject({
      Slave_IO_Running: 'Yes',
      Slave_SQL_Running: 'No',
      Seconds_Behind_Master: null,
    });
    await expect.poll(replication, { timeout: 20_000 }).toMatchObject({
      Status: 'error',
      Normal: false,
      Message: expect.stringContaining('Duplicate entry'),
    });
    await expect.poll(lastLag, { timeout: 20_000 }).toBe(-1);

    await pair.sandbox.faults.goDark(there);
    await pair.sandbox.faults.bringBack(there);
    await expect.poll(async () => (await status()).Last_SQL_Errno, { timeout: 10_000 }).toBe(1062);

    await pair.sandbox.board.lift(id);
    await caughtUp();
    await expect.poll(replication, { timeout: 20_000 }).toMatchObject({ Status: 'replicating' });
    const info = 'SELECT name, value FROM mysql.rds_sysinfo ORDER BY name';
    expect(await pair.sql('photos-dr', info, there)).toEqual(await pair.sql('photos', info));
  });

  it('outlives a source that dies, stays dead past every round of RDS, and writes again when the fault is lifted', async () => {
    const dead = await pair.sandbox.board.raise({ kind: 'dead-database', region: here });
    await sleep(pair.sandbox.clock, 60_000);
    await expect(write()).rejects.toThrow();
    await expect(counted()).resolves.toBe(written);
    await pair.sandbox.board.lift(dead.id);
    await expect.poll(() => write().then(() => 'written'), { timeout: 20_000, interval: 100 }).toBe('written');
    await caughtUp();
  });

  it('breaks when its source is back from an outage, and can be promoted broken', async () => {
    await pair.sandbox.faults.goDark(here);
    await pair.sandbox.board.raise(broken);
    expect(await status()).toMatchObject({ Slave_SQL_Running: 'Yes' });
    await pair.sandbox.faults.bringBack(here);
    await expect.poll(async () => (await status()).Last_SQL_Errno, { timeout: 20_000 }).toBe(1062);
    await write();
    pair.sandbox.clock.setCeiling(Number.POSITIVE_INFINITY);
    await pair.rds('PromoteReadReplica', { DBInstanceIdentifier: 'photos-dr' }, there);
    await pair.available('photos-dr', there, (one) => one.ReadReplicaSourceDBInstanceIdentifier === undefined);
    await pair.sql('photos-dr', "INSERT INTO photo (name) VALUES ('promoted')", there);
    expect(await counted()).toBe(written);
  });

  async function lastLag(): Promise<number | undefined> {
    const now = pair.sandbox.clock.now();
    const { Datapoints } = await pair.sandbox.core.invoke<{ Datapoints: { Timestamp: Date; Minimum: number }[] }>({
      service: 'monitoring',
      operation: 'GetMetricStatistics',
      region: there,
      input: {
        Namespace: 'AWS/RDS',
        MetricName: 'ReplicaLag',
        Dimensions: [{ Name: 'DBInstanceIdentifier', Value: 'photos-dr' }],
        StartTime: new Date(now - 600_000),
        EndTime: new Date(now + 60_000),
        Period: 60,
        Statistics: ['Minimum'],
      },
      principal: pair.sandbox.core.as('test'),
    });
    const sorted = [...Datapoints].sort((one, other) => one.Timestamp.getTime() - other.Timestamp.getTime());
    return sorted.at(-1)?.Minimum;
  }
});
