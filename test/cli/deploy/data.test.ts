// What `destroy --delete-data` deletes is gone when it says so: what is listed as left behind is really there.

import { expect, test } from 'vitest';
import type { DataPlace } from '../../../src/cli/deploy/data.ts';
import { tableIn } from '../../../src/cli/deploy/data-others.ts';
import { createDynamoDbService } from '../../../src/sandbox/services/dynamodb/service.ts';
import { namesOf } from '../../../src/workload/names.ts';
import { parseWorkload } from '../../../src/workload/parse.ts';
import { testSandbox } from '../../support/test-sandbox.ts';
import { inProcessClients } from './in-process.ts';

const workload = parseWorkload({
  name: 'small',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
  traffic: { zone: 'small.example', name: 'www.small.example' },
});

test('a protected table that is still being made, and takes its time to go, is waited for', async () => {
  const sandbox = testSandbox([createDynamoDbService]);
  const names = namesOf(workload);
  const region = 'us-west-2';
  await sandbox.call(
    'dynamodb',
    'CreateTable',
    {
      TableName: names.table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'workload', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'workload', KeyType: 'HASH' }],
      DeletionProtectionEnabled: true,
    },
    region,
  );
  const asked: string[] = [];
  const elsewhere = inProcessClients(sandbox, undefined, ({ operation }) => void asked.push(operation));
  const place: DataPlace = { workload, names, side: 'recovery', region, clients: elsewhere(region), elsewhere };
  const [item] = await tableIn(place);
  let settled = false;
  const removed = item?.remove().then(() => {
    settled = true;
  });
  await expect.poll(() => asked.length).toBeGreaterThan(1);
  expect(asked).not.toContain('DeleteTable');
  // Made, then without its protection: each takes the table out of anybody's hands for a while.
  while (!asked.includes('DeleteTable')) {
    await sandbox.clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(asked.indexOf('UpdateTable')).toBeLessThan(asked.indexOf('DeleteTable'));
  expect(settled).toBe(false);
  expect(await tableIn(place)).toHaveLength(1);
  await sandbox.clock.advance(60_000);
  await removed;
  expect(await tableIn(place)).toEqual([]);
});

test('a table of three Regions goes from all of them, protected as each replica is', async () => {
  const [primary, witness, region] = ['us-east-1', 'us-east-2', 'us-west-2'] as const;
  const sandbox = testSandbox([createDynamoDbService], [primary, witness, region]);
  const { table: TableName } = namesOf(workload);
  const { clock } = sandbox;
  await sandbox.call(
    'dynamodb',
    'CreateTable',
    {
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'workload', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'workload', KeyType: 'HASH' }],
    },
    region,
  );
  await clock.advance(600_000);
  const spanning = {
    TableName,
    MultiRegionConsistency: 'STRONG',
    ReplicaUpdates: [{ Create: { RegionName: primary } }],
    GlobalTableWitnessUpdates: [{ Create: { RegionName: witness } }],
  };
  await sandbox.call('dynamodb', 'UpdateTable', spanning, region);
  await clock.advance(3_600_000);
  for (const place of [primary, region]) {
    const guarded = sandbox.call('dynamodb', 'UpdateTable', { TableName, DeletionProtectionEnabled: true }, place);
    await clock.advance(60_000);
    await guarded;
  }
  const elsewhere = inProcessClients(sandbox);
  const place: DataPlace = {
    workload,
    names: namesOf(workload),
    side: 'recovery',
    region,
    clients: elsewhere(region),
    elsewhere,
  };
  const [item] = await tableIn(place);
  let settled = false;
  const removed = item?.remove().finally(() => {
    settled = true;
  });
  while (!settled) {
    await clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await removed;
  for (const one of [primary, region])
    await expect(sandbox.call('dynamodb', 'DescribeTable', { TableName }, one)).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
});
