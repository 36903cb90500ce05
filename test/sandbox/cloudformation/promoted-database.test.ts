import type { DBInstance } from '@aws-sdk/client-rds';
import { describe, expect, it, vi } from 'vitest';
import { createCloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import { here, minutes, rdsTest, there } from '../services/rds/service-test.ts';

const source = `arn:aws:rds:${here}:111122223333:db:photos`;
const declared = {
  DBInstanceIdentifier: 'photos-dr',
  DBInstanceClass: 'db.t4g.medium',
  SourceDBInstanceIdentifier: source,
  BackupRetentionPeriod: 7,
};

/** A stack in the recovery Region that holds the replica, over databases that hold nothing. */
function world() {
  const test = rdsTest([createCloudFormationService]);
  const stack = async (operation: string, properties?: object, more: object = {}): Promise<string> => {
    const Database = { Type: 'AWS::RDS::DBInstance', Properties: properties, ...more };
    const TemplateBody = JSON.stringify({ Resources: { Database } });
    const input = { StackName: 'data', ...(properties === undefined ? {} : { TemplateBody }) };
    await test.call('cloudformation', operation, input, there);
    return ended();
  };
  /** CloudFormation loads AWS's schemas meanwhile, which takes real time. */
  const ended = (): Promise<string> =>
    vi.waitFor(
      async () => {
        await test.clock.advance(5 * minutes);
        const status = await now();
        expect(status).not.toMatch(/IN_PROGRESS/);
        return status;
      },
      { timeout: 15_000 },
    );
  const now = () =>
    test
      .call<{ Stacks: { StackStatus: string }[] }>('cloudformation', 'DescribeStacks', { StackName: 'data' }, there)
      .then(
        ({ Stacks: [one] }) => one?.StackStatus ?? '',
        () => 'gone',
      );
  const live = (): Promise<DBInstance> => test.instance('photos-dr', there);
  return { ...test, stack, now, live };
}

const { SourceDBInstanceIdentifier: _, ...standalone } = declared;

describe('CloudFormation and a replica', () => {
  it('leaves a database that was promoted without it as it is, and changes it in place', async () => {
    const on = world();
    await on.primary();
    expect(await on.stack('CreateStack', declared)).toBe('CREATE_COMPLETE');
    const { DbiResourceId: born } = await on.live();
    const input = { DBInstanceIdentifier: 'photos-dr', BackupRetentionPeriod: 7 };
    await on.rds('PromoteReadReplica', input, there);
    await on.clock.advance(10 * minutes);
    expect(await on.stack('UpdateStack', { ...declared, MultiAZ: true })).toBe('UPDATE_COMPLETE');
    const after = await on.live();
    expect(after).toMatchObject({ DbiResourceId: born, MultiAZ: true });
    expect(after.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
  });

  it('promotes when the source is taken out of the template, and fails when that was done already', async () => {
    const on = world();
    await on.primary();
    await on.stack('CreateStack', declared);
    expect(await on.stack('UpdateStack', standalone)).toBe('UPDATE_COMPLETE');
    const promoted = await on.live();
    expect(promoted.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
    expect(promoted).toMatchObject({ DBInstanceStatus: 'available', BackupRetentionPeriod: 7 });

    const again = world();
    await again.primary();
    await again.stack('CreateStack', declared);
    await again.rds('PromoteReadReplica', { DBInstanceIdentifier: 'photos-dr', BackupRetentionPeriod: 7 }, there);
    await again.clock.advance(10 * minutes);
    expect(await again.stack('UpdateStack', standalone)).toMatch(/^UPDATE_ROLLBACK/);
  });

  it('waits with an update while the source is dark, for as long as it is', async () => {
    const on = world();
    await on.primary();
    await on.stack('CreateStack', declared);
    const replica = await on.database('photos-dr', there);
    const following = replica.follows;
    if (following === undefined) throw new Error('it follows nobody');
    on.setDark(here, true);
    replica.follows = { ...following, receiving: 'connecting', lag: undefined };
    await on.clock.advance(minutes);
    const Properties = { ...declared, MultiAZ: true };
    const TemplateBody = JSON.stringify({ Resources: { Database: { Type: 'AWS::RDS::DBInstance', Properties } } });
    await on.call('cloudformation', 'UpdateStack', { StackName: 'data', TemplateBody }, there);
    for (let turn = 0; turn < 30; turn++) {
      await on.clock.advance(5 * minutes);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await on.now()).toBe('UPDATE_IN_PROGRESS');
    expect((await on.live()).MultiAZ).toBe(false);
    on.setDark(here, false);
    replica.follows = following;
    await vi.waitFor(async () => {
      await on.clock.advance(5 * minutes);
      expect(await on.now()).toBe('UPDATE_COMPLETE');
    }, 10_000);
    expect((await on.live()).MultiAZ).toBe(true);
  });

  it('reboots the database for a group that waits for it', async () => {
    const on = world();
    await on.primary();
    const group = { DBParameterGroupName: 'ours' };
    await on.rds('CreateDBParameterGroup', { ...group, DBParameterGroupFamily: 'mysql8.0', Description: 'x' }, there);
    await on.stack('CreateStack', { ...declared, ...group });
    const Parameters = [{ ParameterName: 'gtid-mode', ParameterValue: 'ON', ApplyMethod: 'pending-reboot' }];
    await on.rds('ModifyDBParameterGroup', { ...group, Parameters }, there);
    await on.clock.advance(minutes);
    const replica = await on.database('photos-dr', there);
    const starts = () => replica.told.filter((what) => what === 'start').length;
    const before = starts();
    const Tags = [{ Key: 'why', Value: 'any update does it' }];
    expect(await on.stack('UpdateStack', { ...declared, ...group, Tags })).toBe('UPDATE_COMPLETE');
    expect(starts()).toBe(before + 1);
  });

  it('deletes it without a last snapshot, whatever its policy says', async () => {
    const on = world();
    await on.primary();
    const policy = { DeletionPolicy: 'Snapshot' };
    await on.stack('CreateStack', declared, policy);
    expect(await on.stack('DeleteStack')).toBe('gone');
    const { DBSnapshots } = await on.rds<{ DBSnapshots: object[] }>('DescribeDBSnapshots', {}, there);
    expect(DBSnapshots).toEqual([]);
  });
});
