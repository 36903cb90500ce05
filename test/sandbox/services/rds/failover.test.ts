import type { Event } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { here, minutes, rdsTest } from './service-test.ts';

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
