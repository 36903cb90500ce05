/** The product's state table, made through an SDK client as its template makes it. */

import { CreateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import type { Clients } from '../../src/aws/clients.ts';

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
