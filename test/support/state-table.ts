/** The product's state table, made through an SDK client as its template makes it. */

import {
  CreateTableCommand,
  DescribeTableCommand,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { vi } from 'vitest';
import type { Clients } from '../../src/aws/clients.ts';
import type { WiredSandbox } from './wired-sandbox.ts';

/** Of the strongly consistent table: where it is made, its other replica, and the witness. */
export const tableRegions = { primary: 'us-east-1', witness: 'us-east-2', recovery: 'us-west-2' } as const;
const { primary, witness, recovery } = tableRegions;

export const strong: Omit<UpdateTableCommandInput, 'TableName'> = {
  MultiRegionConsistency: 'STRONG',
  ReplicaUpdates: [{ Create: { RegionName: primary } }],
  GlobalTableWitnessUpdates: [{ Create: { RegionName: witness } }],
};

/** The state table as the recovery Region makes it, then its other Regions. */
export async function spanningTable(
  wired: WiredSandbox,
  TableName: string,
  members: Omit<UpdateTableCommandInput, 'TableName'>,
): Promise<void> {
  const client = await wired.clients(recovery).dynamoDb();
  const active = async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    const all = [
      Table?.TableStatus,
      ...(Table?.Replicas ?? []).map(({ ReplicaStatus }) => ReplicaStatus),
      ...(Table?.GlobalTableWitnesses ?? []).map(({ WitnessStatus }) => WitnessStatus),
    ];
    if (!all.every((status) => status === 'ACTIVE')) throw new Error(`${TableName} is ${all.join(', ')}`);
  };
  await stateTable(wired.clients(recovery), TableName);
  await vi.waitFor(active, { timeout: 20_000, interval: 250 });
  await client.send(new UpdateTableCommand({ TableName, ...members }));
  await vi.waitFor(active, { timeout: 20_000, interval: 250 });
}

/** Cuts a Region off from the others, both ways. */
export function isolate(wired: WiredSandbox, region: string): () => void {
  const links = Object.values(tableRegions)
    .filter((other) => other !== region)
    .flatMap((other) => [[region, other] as const, [other, region] as const]);
  for (const [from, to] of links) wired.sandbox.faults.partition(from, to);
  return () => {
    for (const [from, to] of links) wired.sandbox.faults.heal(from, to);
  };
}

export async function stateTable(clients: Clients, TableName: string): Promise<void> {
  const client = await clients.dynamoDb();
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['workload', 'item'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'workload', KeyType: 'HASH' },
        { AttributeName: 'item', KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 60 }, { TableName });
}
