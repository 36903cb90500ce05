import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMonitoringService } from '../../../../src/sandbox/services/monitoring/operations.ts';
import { createRdsService } from '../../../../src/sandbox/services/rds/service.ts';
import { type RealSandbox, realSandbox } from '../../../support/real-sandbox.ts';
import { type RealRds, realRds } from './real-rds.ts';
import { here, minutes, photos } from './service-test.ts';

/** What RDS does in a real server by the clock, at hours that pass in seconds. */
describe('a database over hours', { timeout: 60_000 }, () => {
  let sandbox: RealSandbox;
  let real: RealRds;

  beforeAll(async () => {
    sandbox = await realSandbox([createMonitoringService, (core) => createRdsService(core)], { speed: 'max' });
    real = realRds(sandbox);
    await real.rds('CreateDBInstance', { ...photos, DBName: 'photos' });
    await real.available('photos');
  }, 60_000);
  afterAll(() => sandbox?.stop());

  const logs = async () => (await real.sql('photos', 'SHOW BINARY LOGS')).map(({ Log_name: name }) => String(name));
  const until = (moment: number) => expect.poll(() => sandbox.clock.now(), { timeout: 40_000 }).toBeGreaterThan(moment);

  it('keeps its binary logs for the hours asked for, and no longer', async () => {
    const began = sandbox.clock.now();
    await until(began + 12 * minutes);
    await expect.poll(async () => (await logs()).length, { timeout: 20_000 }).toBeLessThanOrEqual(3);

    await real.sql('photos', "CALL mysql.rds_set_configuration('binlog retention hours', 1)");
    const asked = sandbox.clock.now();
    const first = (await logs())[0];
    await until(asked + 30 * minutes);
    expect(await logs()).toContain(first);
    await expect.poll(logs, { timeout: 40_000 }).not.toContain(first);
    expect(sandbox.clock.now() - asked).toBeGreaterThan(55 * minutes);
  });

  it('publishes what alarms are set on', async () => {
    const session = await real.connect('photos');
    const began = sandbox.clock.now();
    await until(began + 2 * minutes);
    const read = async (MetricName: string, Statistics: string[]) => {
      const { Datapoints = [] } = await sandbox.core.invoke<{ Datapoints?: Record<string, number>[] }>({
        service: 'monitoring',
        operation: 'GetMetricStatistics',
        region: here,
        principal: sandbox.core.as('test'),
        input: {
          Namespace: 'AWS/RDS',
          MetricName,
          Dimensions: [{ Name: 'DBInstanceIdentifier', Value: 'photos' }],
          StartTime: new Date(began),
          EndTime: new Date(sandbox.clock.now() + minutes),
          Period: 60,
          Statistics,
        },
      });
      return Datapoints.flatMap((point) => Statistics.map((one) => point[one] ?? Number.NaN));
    };
    const published = async () => (await read('DatabaseConnections', ['Maximum'])).length;
    await expect.poll(published, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    const connections = await read('DatabaseConnections', ['Maximum']);
    expect(Math.max(...connections)).toBe(1);
    const [free = 0] = await read('FreeStorageSpace', ['Minimum']);
    const gibibyte = 2 ** 30;
    expect(free).toBeGreaterThan(19 * gibibyte);
    expect(free).toBeLessThan(20 * gibibyte);
    expect((await read('BinLogDiskUsage', ['Minimum']))[0]).toBeGreaterThan(300);
    expect(await read('ReplicaLag', ['Maximum'])).toEqual([]);
    session.destroy();
  });
});
