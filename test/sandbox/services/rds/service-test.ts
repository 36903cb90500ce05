/** RDS on a virtual clock over databases that hold nothing, and the requests its tests begin with. */

import type { DBInstance } from '@aws-sdk/client-rds';
import type { ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { createRdsService } from '../../../../src/sandbox/services/rds/service.ts';
import { type Life, type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';
import { type IdleDatabase, type IdleDatabases, idleDatabases } from './idle-databases.ts';

export const here = 'us-east-1';
export const there = 'us-west-2';
export const seconds = 1000;
export const minutes = 60 * seconds;

export const photos = {
  DBInstanceIdentifier: 'photos',
  Engine: 'mysql',
  EngineVersion: '8.0',
  DBInstanceClass: 'db.t4g.medium',
  AllocatedStorage: 20,
  MasterUsername: 'admin',
  MasterUserPassword: 'correct-horse',
  BackupRetentionPeriod: 7,
  // The clock of the tests starts at noon: no backup comes between.
  PreferredBackupWindow: '03:00-03:30',
};

export interface RdsTest extends TestSandbox {
  rds<Output = Record<string, unknown>>(operation: string, input?: object, region?: string): Promise<Output>;
  instance(id: string, region?: string): Promise<DBInstance>;
  database(id: string, region?: string): Promise<IdleDatabase>;
  /** Creates `photos` and waits until it is available. */
  primary(more?: object): Promise<DBInstance>;
  /** Creates its replica `photos-dr` in the other Region and waits. */
  replica(more?: object): Promise<DBInstance>;
  /** The statuses an instance goes through, as seen each second for as long as `duration`, without repeats. */
  statuses(id: string, duration: number, region?: string): Promise<string[]>;
}

export function rdsTest(
  factories: readonly ServiceFactory[] = [],
  { databases = idleDatabases(), ...life }: Partial<Life> & { readonly databases?: IdleDatabases } = {},
): RdsTest {
  const sandbox = testSandbox([(core) => createRdsService(core, { databases }), ...factories], undefined, life);
  const rds: RdsTest['rds'] = (operation, input = {}, region = here) => sandbox.call('rds', operation, input, region);
  const instance: RdsTest['instance'] = async (id, region = here) => {
    const { DBInstances: [found] = [] } = await rds<{ DBInstances?: DBInstance[] }>(
      'DescribeDBInstances',
      { DBInstanceIdentifier: id },
      region,
    );
    if (found === undefined) throw new Error(`${id} is gone`);
    return found;
  };
  return {
    ...sandbox,
    rds,
    instance,
    async database(id, region) {
      const found = databases.all.get((await instance(id, region)).DbiResourceId ?? '');
      if (found === undefined) throw new Error(`${id} has no database`);
      return found;
    },
    async primary(more) {
      await rds('CreateDBInstance', { ...photos, ...more });
      await sandbox.clock.advance(6 * minutes);
      return instance('photos');
    },
    async replica(more) {
      const source = await instance('photos');
      const input = { DBInstanceIdentifier: 'photos-dr', SourceDBInstanceIdentifier: source.DBInstanceArn, ...more };
      await rds('CreateDBInstanceReadReplica', input, there);
      await sandbox.clock.advance(31 * minutes);
      return instance('photos-dr', there);
    },
    async statuses(id, duration, region) {
      const seen: string[] = [];
      for (let waited = 0; waited <= duration; waited += seconds) {
        const { DBInstanceStatus: status = '' } = await instance(id, region);
        if (seen.at(-1) !== status) seen.push(status);
        await sandbox.clock.advance(seconds);
      }
      return seen;
    },
  };
}
