import type { Event } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { createRdsService } from '../../../../src/sandbox/services/rds/service.ts';
import { realSandbox } from '../../../support/real-sandbox.ts';
import { realRds } from './real-rds.ts';
import { photos as created, here, minutes, rdsTest } from './service-test.ts';

const photos = { DBInstanceIdentifier: 'photos' };

describe('a Multi-AZ failover', () => {
  it('moves the instance to the other zone, and its name to another address', async () => {
    const test = rdsTest();
    const { Endpoint: { Address: name = '' } = {} } = await test.primary({ MultiAZ: true });
    const address = () => test.core.network.resolve(name, 'A', here)?.values[0];
    const before = address();
    expect(await test.instance('photos')).toMatchObject({
      AvailabilityZone: 'us-east-1a',
      SecondaryAvailabilityZone: 'us-east-1b',
    });
    const answer = await test.rds('RebootDBInstance', { ...photos, ForceFailover: true });
    expect(answer).toMatchObject({ DBInstance: { DBInstanceStatus: 'rebooting' } });
    expect(await test.statuses('photos', 2 * minutes)).toEqual(['rebooting', 'available']);
    expect(await test.instance('photos')).toMatchObject({
      AvailabilityZone: 'us-east-1b',
      SecondaryAvailabilityZone: 'us-east-1a',
      Endpoint: { Address: name },
    });
    expect(address()).not.toBe(before);
    const { Events } = await test.rds<{ Events: Event[] }>('DescribeEvents', { SourceType: 'db-instance' });
    expect(Events.slice(-3).map(({ Message }) => Message)).toEqual([
      'Multi-AZ instance failover started.',
      'DB instance restarted',
      'Multi-AZ instance failover completed',
    ]);
  });

  it('is refused without a standby, and a reboot without it leaves everything where it was', async () => {
    const test = rdsTest();
    await test.primary();
    await expect(test.rds('RebootDBInstance', { ...photos, ForceFailover: true })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
    await test.rds('ModifyDBInstance', { ...photos, MultiAZ: true, ApplyImmediately: true });
    await test.clock.advance(16 * minutes);
    await test.rds('RebootDBInstance', photos);
    await test.clock.advance(2 * minutes);
    expect(await test.instance('photos')).toMatchObject({ AvailabilityZone: 'us-east-1a', MultiAZ: true });
  });
});

describe('a Multi-AZ failover of a real server', { timeout: 60_000 }, () => {
  it('ends connections, keeps what was committed, and is found by name only', async () => {
    await using sandbox = await realSandbox([(core) => createRdsService(core)], { speed: 'max' });
    const real = realRds(sandbox);
    await real.rds('CreateDBInstance', { ...created, DBName: 'photos', MultiAZ: true });
    const { Endpoint: { Address: name = '' } = {} } = await real.available('photos');
    await real.sql('photos', 'CREATE TABLE photo (id INT PRIMARY KEY)');
    const held = await real.connect('photos');
    await held.query('INSERT INTO photo VALUES (1)');
    const address = () => sandbox.network.resolve(name, 'A', here)?.values[0];
    const before = address();
    await real.rds('RebootDBInstance', { ...photos, ForceFailover: true });
    await real.available('photos', here, ({ AvailabilityZone: zone }) => zone === 'us-east-1b');
    await expect(held.query('SELECT 1')).rejects.toThrow();
    held.destroy();
    await expect.poll(address).not.toBe(before);
    expect(await real.sql('photos', 'SELECT id FROM photo')).toEqual([{ id: 1 }]);
  });
});
