import type { Event } from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import type { ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { here, minutes, type RdsTest, rdsTest, seconds, there } from './service-test.ts';

const photos = { DBInstanceIdentifier: 'photos' };

async function events(test: RdsTest, input: object = {}, region = here): Promise<Event[]> {
  return (await test.rds<{ Events?: Event[] }>('DescribeEvents', input, region)).Events ?? [];
}
const messages = async (test: RdsTest, input: object = {}, region = here) =>
  (await events(test, input, region)).map(({ Message }) => Message);

interface Sent {
  Source: string;
  DetailType: string;
  Resources: string[];
  Detail: string;
}

function bus(sent: { region: string; entry: Sent }[]): ServiceFactory {
  return () => ({
    name: 'events',
    operations: {
      PutEvents: {
        handle: ({ Entries }: { Entries: Sent[] }, { region }) => {
          sent.push(...Entries.map((entry) => ({ region, entry })));
          return {};
        },
      },
    },
  });
}

describe('events', () => {
  it('tell of a life in order, and are found by source, category and time', async () => {
    const test = rdsTest();
    await test.primary({ MultiAZ: true });
    expect(await events(test)).toMatchObject([
      {
        Message: 'DB instance created',
        EventCategories: ['creation'],
        SourceType: 'db-instance',
        SourceIdentifier: 'photos',
        SourceArn: 'arn:aws:rds:us-east-1:111122223333:db:photos',
      },
      { Message: 'Backing up DB instance' },
      { Message: 'Creating automated snapshot', SourceType: 'db-snapshot' },
      { Message: 'Automated snapshot created' },
      { Message: 'Finished DB Instance backup' },
    ]);
    await test.clock.advance(61 * minutes);
    expect(await events(test)).toEqual([]);
    expect(await messages(test, { Duration: 120, SourceType: 'db-snapshot' })).toHaveLength(2);
    await test.rds('RebootDBInstance', photos);
    await test.clock.advance(2 * minutes);
    await test.rds('ModifyDBInstance', { ...photos, MultiAZ: false, ApplyImmediately: true });
    await test.clock.advance(2 * minutes);
    expect(await messages(test, { SourceType: 'db-instance', SourceIdentifier: 'photos' })).toEqual([
      'DB instance shutdown',
      'DB instance restarted',
      'Applying modification to convert to a standard (Single-AZ) DB Instance',
      'Finished applying modification to convert to a standard (Single-AZ) DB Instance',
    ]);
    expect(await messages(test, { EventCategories: ['availability'] })).toHaveLength(2);
    await expect(events(test, { SourceIdentifier: 'photos' })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
    await expect(events(test, { SourceType: 'database' })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(events(test, { Duration: 20_161 })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it("reach the Region's bus in the shape AWS gives them", async () => {
    const sent: { region: string; entry: Sent }[] = [];
    const test = rdsTest([bus(sent)]);
    await test.primary();
    await test.rds('StopDBInstance', photos);
    await test.clock.advance(2 * minutes);
    const last = sent.at(-1);
    expect(last).toMatchObject({ region: here, entry: { Source: 'aws.rds', DetailType: 'RDS DB Instance Event' } });
    expect(JSON.parse(last?.entry.Detail ?? '')).toEqual({
      EventCategories: ['notification'],
      SourceType: 'DB_INSTANCE',
      SourceArn: 'arn:aws:rds:us-east-1:111122223333:db:photos',
      Date: expect.stringMatching(/^2026-11-23T12:\d\d:\d\d\.\d{3}Z$/),
      Message: 'DB instance stopped',
      SourceIdentifier: 'photos',
      EventID: 'RDS-EVENT-0087',
    });
  });

  it('have none of their own for a promotion, and tell of replication that stops and goes on', async () => {
    const test = rdsTest();
    await test.primary();
    await test.replica();
    const database = await test.database('photos-dr', there);
    const working = database.follows;
    if (working === undefined) throw new Error('it follows nobody');
    database.follows = { ...working, applying: false, error: 'Duplicate entry', lag: undefined };
    await test.clock.advance(minutes);
    database.follows = working;
    await test.clock.advance(minutes);
    const replica = { SourceType: 'db-instance', SourceIdentifier: 'photos-dr' };
    expect(await messages(test, replica, there)).toEqual([
      'DB instance created',
      'Replication for the Read Replica resumed',
      'Replication has stopped.',
      'Replication for the Read Replica resumed',
    ]);
    await test.rds('PromoteReadReplica', { DBInstanceIdentifier: 'photos-dr' }, there);
    await test.clock.advance(10 * minutes);
    expect((await messages(test, replica, there)).slice(4)).toEqual([
      'Replication streaming has been terminated.',
      'DB instance shutdown',
      'DB instance restarted',
      'Backing up DB instance',
      'Finished DB Instance backup',
    ]);
  });

  it('tell of parameters, copies and deletions', async () => {
    const test = rdsTest();
    const group = { DBParameterGroupName: 'ours' };
    await test.rds('CreateDBParameterGroup', { ...group, DBParameterGroupFamily: 'mysql8.0', Description: 'x' });
    const Parameters = [{ ParameterName: 'read_only', ParameterValue: '1', ApplyMethod: 'immediate' }];
    await test.rds('ModifyDBParameterGroup', { ...group, Parameters });
    expect(await messages(test, { SourceType: 'db-parameter-group' })).toEqual([
      'Updated parameter read_only to 1 with apply method immediate',
    ]);
    await test.primary();
    await test.rds('CreateDBSnapshot', { ...photos, DBSnapshotIdentifier: 'snap' });
    await test.clock.advance(3 * minutes);
    const arn = 'arn:aws:rds:us-east-1:111122223333:snapshot:snap';
    const copy = { SourceDBSnapshotIdentifier: arn, TargetDBSnapshotIdentifier: 'copy' };
    await test.rds('CopyDBSnapshot', copy, there);
    await test.clock.advance(10 * minutes + seconds);
    expect(await messages(test, {}, there)).toEqual([
      'Started copy of snapshot snap from region us-east-1',
      'Finished copy of snapshot snap from region us-east-1 in 10 minutes',
    ]);
    await test.rds('DeleteDBSnapshot', { DBSnapshotIdentifier: 'snap' });
    expect(await messages(test, { SourceType: 'db-snapshot', SourceIdentifier: 'snap' })).toEqual([
      'Creating manual snapshot',
      'Manual snapshot created',
      'Deleted manual snapshot',
    ]);
  });

  it('are forgotten after fourteen days', async () => {
    const test = rdsTest();
    await test.primary();
    const days = 24 * 60 * minutes;
    for (const region of [here, there]) test.setDark(region, true);
    await test.clock.advance(13.9 * days);
    for (const region of [here, there]) test.setDark(region, false);
    expect((await messages(test, { Duration: 20_160 }))[0]).toBe('DB instance created');
    await test.clock.advance(4 * 60 * minutes);
    expect(await messages(test, { StartTime: new Date(0) })).not.toContain('DB instance created');
  });
});
