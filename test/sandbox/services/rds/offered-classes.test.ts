import { expect, it } from 'vitest';
import { here, minutes, photos, rdsTest, there } from './service-test.ts';

interface Option {
  readonly DBInstanceClass: string;
  readonly AvailabilityZones: readonly { readonly Name: string }[];
}

it('orders only what the Region offers, and says what that is', async () => {
  const sandbox = rdsTest();
  const options = async (region: string): Promise<Option[]> =>
    (
      await sandbox.rds<{ OrderableDBInstanceOptions: Option[] }>(
        'DescribeOrderableDBInstanceOptions',
        { Engine: 'mysql', EngineVersion: '8.0.43', DBInstanceClass: 'db.t4g.medium' },
        region,
      )
    ).OrderableDBInstanceOptions;
  expect((await options(here))[0]?.AvailabilityZones.map(({ Name }) => Name)).toEqual([
    'us-east-1a',
    'us-east-1b',
    'us-east-1c',
  ]);

  await sandbox.board.raise({ kind: 'not-offered', region: there, instanceType: 'db.t4g.medium' });
  expect(await options(there)).toEqual([]);
  await expect(sandbox.rds('CreateDBInstance', photos, there)).rejects.toMatchObject({
    code: 'InvalidParameterCombination',
    message:
      'RDS does not support creating a DB instance with the following combination: DBInstanceClass=db.t4g.medium, ' +
      'Engine=mysql, EngineVersion=8.0.43, LicenseModel=general-public-license. For supported combinations of instance ' +
      'class and database engine version, see the documentation.',
  });
  await expect(
    sandbox.rds('CreateDBInstance', { ...photos, DBInstanceClass: 'db.t4g.huge' }, there),
  ).rejects.toMatchObject({ code: 'InvalidParameterValue', message: 'Invalid DB Instance class: db.t4g.huge' });

  const primary = await sandbox.primary();
  const replica = { DBInstanceIdentifier: 'photos-dr', SourceDBInstanceIdentifier: primary.DBInstanceArn };
  await expect(sandbox.rds('CreateDBInstanceReadReplica', replica, there)).rejects.toMatchObject({
    code: 'InvalidParameterCombination',
  });
});

it('keeps an instance whose class is no longer offered, but changes none to it', async () => {
  const sandbox = rdsTest();
  await sandbox.primary();
  await sandbox.board.raise({ kind: 'not-offered', region: here, instanceType: 'db.t4g.medium' });
  await sandbox.board.raise({ kind: 'not-offered', region: here, instanceType: 'db.m6g.large' });
  const modify = (DBInstanceClass: string) =>
    sandbox.rds('ModifyDBInstance', { DBInstanceIdentifier: 'photos', DBInstanceClass, ApplyImmediately: true });
  await modify('db.t4g.medium');
  await sandbox.clock.advance(5 * minutes);
  await expect(modify('db.m6g.large')).rejects.toMatchObject({ code: 'InvalidParameterCombination' });
  await modify('db.t4g.large');
});

it('stands in a zone that offers its class, and not in one that does not', async () => {
  const sandbox = rdsTest();
  await sandbox.board.raise({
    kind: 'not-offered',
    region: here,
    zone: 'us-east-1a',
    instanceType: 'db.t4g.medium',
  });
  await expect(sandbox.rds('CreateDBInstance', { ...photos, AvailabilityZone: 'us-east-1a' })).rejects.toMatchObject({
    code: 'InsufficientDBInstanceCapacity',
  });
  expect(await sandbox.primary({ AvailabilityZone: 'us-east-1b' })).toMatchObject({ AvailabilityZone: 'us-east-1b' });
});
