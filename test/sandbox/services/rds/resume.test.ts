/** Killed at any moment, RDS comes to the end it would have come to: nothing is left half done, or done twice. */

import type { DBSnapshot } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { KeptTables } from '../../../support/kept-tables.ts';
import { idleDatabases } from './idle-databases.ts';
import { here, minutes, type RdsTest, rdsTest, seconds, there } from './service-test.ts';

interface Play {
  readonly prepare: (test: RdsTest) => Promise<unknown>;
  readonly lasting: number;
  /** Between the moments of the kills. */
  readonly apart: number;
  readonly check: (test: RdsTest) => Promise<void>;
}

async function killedAtAnyMoment({ prepare, lasting, apart, check }: Play): Promise<void> {
  for (let moment = 0; moment <= lasting; moment += apart) {
    const databases = idleDatabases();
    const tables = new KeptTables();
    const first = rdsTest([], { tables, databases });
    await prepare(first);
    await first.clock.advance(moment);
    const next = rdsTest([], { tables: tables.survivors(), databases, start: first.clock.now(), seed: 2 });
    await next.dispatcher.service('rds')?.resume?.();
    await next.clock.advance(lasting);
    await check(next);
  }
}

const snapshots = async (test: RdsTest, region = here): Promise<(string | undefined)[]> => {
  const { DBSnapshots = [] } = await test.rds<{ DBSnapshots?: DBSnapshot[] }>('DescribeDBSnapshots', {}, region);
  return DBSnapshots.map(({ Status }) => Status);
};

describe('RDS, killed at any moment', () => {
  it('has a whole backup of its window, and none that is for ever under way', () =>
    killedAtAnyMoment({
      async prepare(test) {
        await test.primary({ PreferredBackupWindow: '13:00-13:30' });
        await test.clock.advance(Date.UTC(2026, 10, 23, 12, 59, 50) - test.clock.now());
      },
      lasting: 4 * minutes,
      apart: 12 * seconds,
      async check(test) {
        expect((await test.instance('photos')).DBInstanceStatus).toBe('available');
        expect(await snapshots(test)).toEqual(['available', 'available']);
      },
    }));

  it('is in the other zone after a failover, at an address its name leads to', () =>
    killedAtAnyMoment({
      async prepare(test) {
        await test.primary({ MultiAZ: true });
        await test.rds('RebootDBInstance', { DBInstanceIdentifier: 'photos', ForceFailover: true });
      },
      lasting: 2 * minutes,
      apart: 10 * seconds,
      async check(test) {
        const { DBInstanceStatus, AvailabilityZone, Endpoint } = await test.instance('photos');
        expect([DBInstanceStatus, AvailabilityZone]).toEqual(['available', 'us-east-1b']);
        expect(test.core.network.resolve(Endpoint?.Address ?? '', 'A', here)?.values).toHaveLength(1);
        expect((await test.database('photos')).running).toBe(true);
      },
    }));

  it('has a replica that replicates, and nothing left of what it began with in its Region', () =>
    killedAtAnyMoment({
      async prepare(test) {
        const source = await test.primary();
        const input = { DBInstanceIdentifier: 'photos-dr', SourceDBInstanceIdentifier: source.DBInstanceArn };
        await test.rds('CreateDBInstanceReadReplica', input, there);
      },
      lasting: 33 * minutes,
      apart: 150 * seconds,
      async check(test) {
        expect(await test.instance('photos-dr', there)).toMatchObject({
          DBInstanceStatus: 'available',
          StatusInfos: [{ Status: 'replicating' }],
        });
        expect(await snapshots(test, there)).toEqual([]);
        expect(await snapshots(test)).toEqual(['available', 'available']);
      },
    }));
});
