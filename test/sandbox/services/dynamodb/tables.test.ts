import { describe, expect, it } from 'vitest';
import { definition, dynamoSandbox, key } from './support.ts';

const TableName = 't1t';
const n = (value: number) => ({ N: String(value) });

interface Described {
  readonly Table: Record<string, unknown>;
}

describe('tables', () => {
  it('are CREATING, then ACTIVE, then DELETING, and only ACTIVE ones hold items', async () => {
    const { ddb, put, clock } = dynamoSandbox();
    const status = async () => (await ddb<Described>('DescribeTable', { TableName })).Table.TableStatus;
    const made = await ddb<{ TableDescription: object }>('CreateTable', definition);
    expect(made.TableDescription).toMatchObject({
      TableStatus: 'CREATING',
      TableArn: 'arn:aws:dynamodb:us-east-1:111122223333:table/t1t',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      KeySchema: definition.KeySchema,
    });
    await expect(put(key('a'))).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await expect(ddb('CreateTable', definition)).rejects.toMatchObject({ code: 'ResourceInUseException' });
    await clock.advance(8_000);
    expect(await status()).toBe('ACTIVE');
    await put(key('a'));
    await ddb('DeleteTable', { TableName });
    expect(await status()).toBe('DELETING');
    await clock.advance(4_000);
    await expect(status()).rejects.toThrow('Requested resource not found: Table: t1t not found');
    await ddb('CreateTable', definition);
    await clock.advance(8_000);
    expect(await ddb('Scan', { TableName })).toMatchObject({ Count: 0 });
  });

  it('are protected from deletion until told otherwise', async () => {
    const { table, ddb, clock } = dynamoSandbox();
    await table({ DeletionProtectionEnabled: true });
    await expect(ddb('DeleteTable', { TableName })).rejects.toThrow(/protected against deletion/);
    await ddb('UpdateTable', { TableName, DeletionProtectionEnabled: false });
    await expect(ddb('DeleteTable', { TableName })).rejects.toMatchObject({ code: 'ResourceInUseException' });
    await clock.advance(5_000);
    await ddb('DeleteTable', { TableName });
  });

  it.each([
    [{ AttributeDefinitions: [] }, /not defined in AttributeDefinitions/],
    [
      { AttributeDefinitions: [...definition.AttributeDefinitions, { AttributeName: 'x', AttributeType: 'S' }] },
      /does not exactly match/,
    ],
    [{ KeySchema: [{ AttributeName: 'pk', KeyType: 'RANGE' }] }, /Invalid KeySchema/],
    [{ BillingMode: 'PROVISIONED' }, /must both be specified/],
    [{ TableName: 'a' }, /at least 3 characters/],
    [{ GlobalTableSourceArn: 'arn' }, /GlobalTableSourceArn/],
  ])('refuse %j', async (change, message) => {
    const { ddb } = dynamoSandbox();
    await expect(ddb('CreateTable', { ...definition, ...change })).rejects.toThrow(message);
  });

  it('get an index later, which is read once it is filled', async () => {
    const { table, ddb, put, query, clock } = dynamoSandbox();
    await table();
    await put({ ...key('a'), kind: { S: 'x' } });
    await ddb('UpdateTable', {
      TableName,
      AttributeDefinitions: [{ AttributeName: 'kind', AttributeType: 'S' }],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: 'by-kind',
            KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        },
      ],
    });
    const byKind = () => query('kind = :k', { ':k': { S: 'x' } }, { IndexName: 'by-kind' });
    await expect(byKind()).rejects.toThrow(/backfilling/);
    await clock.advance(120_000);
    expect(await byKind()).toMatchObject({ Count: 1 });
    await expect(put({ ...key('b'), kind: n(1) })).rejects.toThrow(/Type mismatch for Index Key kind/);
    await ddb('UpdateTable', { TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-kind' } }] });
    await put({ ...key('b'), kind: n(1) });
  });

  it('keep expiry, recovery and tags', async () => {
    const { table, ddb } = dynamoSandbox();
    await table({ Tags: [{ Key: 'a', Value: '1' }] });
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expires' };
    await ddb('UpdateTimeToLive', { TableName, TimeToLiveSpecification });
    expect(await ddb('DescribeTimeToLive', { TableName })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' },
    });
    await expect(ddb('UpdateTimeToLive', { TableName, TimeToLiveSpecification })).rejects.toThrow('already enabled');
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    await ddb('UpdateContinuousBackups', { TableName, PointInTimeRecoverySpecification });
    expect(await ddb('DescribeContinuousBackups', { TableName })).toMatchObject({
      ContinuousBackupsDescription: {
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 35 },
      },
    });
    const ResourceArn = 'arn:aws:dynamodb:us-east-1:111122223333:table/t1t';
    await ddb('TagResource', { ResourceArn, Tags: [{ Key: 'b', Value: '2' }] });
    await ddb('UntagResource', { ResourceArn, TagKeys: ['a'] });
    expect(await ddb('ListTagsOfResource', { ResourceArn })).toEqual({ Tags: [{ Key: 'b', Value: '2' }] });
    expect(await ddb('ListTables', {})).toEqual({ TableNames: [TableName] });
    expect(await ddb('GetItem', { TableName: ResourceArn, Key: key('a') })).toEqual({});
  });
});

describe('global tables', () => {
  async function global() {
    const sandbox = dynamoSandbox();
    await sandbox.table();
    await sandbox.put({ ...key('before'), x: n(0) });
    await sandbox.ddb('UpdateTable', { TableName, ReplicaUpdates: [{ Create: { RegionName: 'us-west-2' } }] });
    await sandbox.clock.advance(100_000);
    return sandbox;
  }

  it('copy what was there, and every write afterwards, both ways', async () => {
    const { ddb, put, get, clock } = await global();
    const { Table } = await ddb<Described>('DescribeTable', { TableName }, 'us-west-2');
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      Replicas: [{ RegionName: 'us-east-1', ReplicaStatus: 'ACTIVE' }],
    });
    expect(await get(key('before'), {}, 'us-west-2')).toMatchObject({ x: n(0) });
    await put({ ...key('east'), x: n(1) });
    expect(await get(key('east'), {}, 'us-west-2')).toBeUndefined();
    await put({ ...key('west'), x: n(2) }, {}, 'us-west-2');
    await clock.advance(2_000);
    expect(await get(key('east'), {}, 'us-west-2')).toMatchObject({ x: n(1) });
    expect(await get(key('west'))).toMatchObject({ x: n(2) });
    await ddb('DeleteItem', { TableName, Key: key('west') });
    await clock.advance(2_000);
    expect(await get(key('west'), {}, 'us-west-2')).toBeUndefined();
  });

  it('are no lock: each side of a partition takes it, and the last writer wins', async () => {
    const { put, get, clock, ...sandbox } = await global();
    const once = { ConditionExpression: 'attribute_not_exists(pk)' };
    await put({ ...key('lock'), holder: { S: 'east' } }, once);
    await clock.advance(100);
    await put({ ...key('lock'), holder: { S: 'west' } }, once, 'us-west-2');
    await clock.advance(5_000);
    expect((await get(key('lock')))?.holder).toEqual({ S: 'west' });
    expect((await get(key('lock'), {}, 'us-west-2'))?.holder).toEqual({ S: 'west' });

    sandbox.setDark('us-west-2', true);
    await put({ ...key('late'), x: n(1) });
    await clock.advance(60_000);
    sandbox.setDark('us-west-2', false);
    expect(await get(key('late'), {}, 'us-west-2')).toBeUndefined();
    await clock.advance(5_000);
    expect(await get(key('late'), {}, 'us-west-2')).toMatchObject({ x: n(1) });
  });

  it('leave nothing in a Region that leaves', async () => {
    const { ddb, clock } = await global();
    await ddb('UpdateTable', { TableName, ReplicaUpdates: [{ Delete: { RegionName: 'us-west-2' } }] });
    await clock.advance(10_000);
    await expect(ddb('DescribeTable', { TableName }, 'us-west-2')).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    const { Table } = await ddb<Described>('DescribeTable', { TableName });
    expect(Table.Replicas).toBeUndefined();
  });
});
