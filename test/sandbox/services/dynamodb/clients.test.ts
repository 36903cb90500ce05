import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { clientSettings } from '../s3/door.ts';
import { dynamoSandbox, key } from './support.ts';

it('serves the SDK client, binary values and modelled errors included', async () => {
  const sandbox = dynamoSandbox();
  await sandbox.table();
  const client = new DynamoDBClient(clientSettings(sandbox));
  const TableName = 't1t';
  const Item = { ...key('a'), n: { N: '1.50' }, b: { B: new Uint8Array([1, 0]) }, l: { L: [{ NULL: true as const }] } };
  await client.send(new PutItemCommand({ TableName, Item }));
  const read = await client.send(new GetItemCommand({ TableName, Key: key('a') }));
  expect(read.Item).toEqual({ ...Item, n: { N: '1.5' } });
  const once = new PutItemCommand({
    TableName,
    Item,
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  await expect(client.send(once)).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    Item: { b: { B: new Uint8Array([1, 0]) } },
  });
  const Put = { TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' };
  await expect(client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] }))).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [{ Code: 'ConditionalCheckFailed' }],
  });
  const found = await client.send(
    new QueryCommand({ TableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'a' } } }),
  );
  expect(found.Count).toBe(1);
});
