/** DynamoDB: conditional writes, transactions, pages, waiters, and what it refuses. */

import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateListTables,
  paginateQuery,
  paginateScan,
  QueryCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { byText, contractCase, pagesOf, refused } from '../contract.ts';

export const dynamodb = [
  contractCase(
    'a conditional write is refused with the item that stood in the way',
    async (target) => {
      const { client, TableName } = await tableOf(target);
      const lock = { TableName, Item: { pk: { S: 'lock' }, sk: { N: '1' }, holder: { S: 'ada' } } };
      const once = { ...lock, ConditionExpression: 'attribute_not_exists(pk)' };
      await client.send(new PutItemCommand(once));
      await refused(client.send(new PutItemCommand(once)), ConditionalCheckFailedException, 400, {
        message: 'The conditional request failed',
      });
      await refused(
        client.send(new PutItemCommand({ ...once, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })),
        ConditionalCheckFailedException,
        400,
        { Item: lock.Item },
      );
      const taken = await client.send(
        new UpdateItemCommand({
          TableName,
          Key: { pk: { S: 'lock' }, sk: { N: '1' } },
          UpdateExpression: 'SET #h = :bob, epoch = if_not_exists(epoch, :zero) + :one',
          ConditionExpression: '#h = :ada',
          ExpressionAttributeNames: { '#h': 'holder' },
          ExpressionAttributeValues: {
            ':ada': { S: 'ada' },
            ':bob': { S: 'bob' },
            ':zero': { N: '0' },
            ':one': { N: '1' },
          },
          ReturnValues: 'ALL_NEW',
        }),
      );
      expect(taken.Attributes).toEqual({ pk: { S: 'lock' }, sk: { N: '1' }, holder: { S: 'bob' }, epoch: { N: '1' } });
    },
    { cost: 'cents' },
  ),

  contractCase(
    'a transaction writes all or nothing, and says which condition failed',
    async (target) => {
      const { client, TableName } = await tableOf(target);
      const put = (pk: string, ConditionExpression?: string) => ({
        Put: { TableName, Item: { pk: { S: pk }, sk: { N: '1' } }, ConditionExpression },
      });
      await client.send(new TransactWriteItemsCommand({ TransactItems: [put('a'), put('b')] }));
      const again = client.send(
        new TransactWriteItemsCommand({ TransactItems: [put('c'), put('b', 'attribute_not_exists(pk)')] }),
      );
      await refused(again, TransactionCanceledException, 400, {
        CancellationReasons: [
          { Code: 'None' },
          { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
        ],
      });
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: { pk: { S: 'c' }, sk: { N: '1' } }, ConsistentRead: true }),
      );
      expect(Item).toBeUndefined();
    },
    { cost: 'cents' },
  ),

  contractCase(
    'queries and scans go on page by page, in order',
    async (target) => {
      const { client, TableName } = await tableOf(target);
      const requests = Array.from({ length: 12 }, (_, index) => ({
        PutRequest: { Item: { pk: { S: index % 2 === 0 ? 'even' : 'odd' }, sk: { N: String(index) } } },
      }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
      const query = {
        TableName,
        KeyConditionExpression: 'pk = :p AND sk BETWEEN :a AND :b',
        ExpressionAttributeValues: { ':p': { S: 'even' }, ':a': { N: '2' }, ':b': { N: '10' } },
        ScanIndexForward: false,
      };
      const pages = await pagesOf(paginateQuery({ client, pageSize: 2 }, query));
      expect(pages.map(({ Items = [] }) => Items.map(({ sk }) => sk?.N)).filter((page) => page.length > 0)).toEqual([
        ['10', '8'],
        ['6', '4'],
        ['2'],
      ]);
      const scanned = await pagesOf(
        paginateScan(
          { client, pageSize: 5 },
          { TableName, FilterExpression: 'sk > :x', ExpressionAttributeValues: { ':x': { N: '9' } } },
        ),
      );
      expect(scanned.map(({ ScannedCount }) => ScannedCount).reduce((sum = 0, count = 0) => sum + count)).toBe(12);
      expect(scanned.flatMap(({ Items = [] }) => Items.map(({ sk }) => sk?.N)).sort(byText)).toEqual(['10', '11']);
    },
    { cost: 'cents' },
  ),

  contractCase(
    'tables come, are listed, and go, as waiters see them',
    async (target) => {
      const { client, TableName } = await tableOf(target);
      const { Table } = await client.send(new DescribeTableCommand({ TableName }));
      expect(Table).toMatchObject({
        TableStatus: 'ACTIVE',
        TableArn: `arn:aws:dynamodb:${target.region}:${target.account}:table/${TableName}`,
        BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      });
      await refused(client.send(new CreateTableCommand(definition(TableName))), ResourceInUseException, 400);
      const names = (await pagesOf(paginateListTables({ client, pageSize: 1 }, {}))).flatMap(
        (page) => page.TableNames ?? [],
      );
      expect(names).toContain(TableName);
      await client.send(new DeleteTableCommand({ TableName }));
      expect((await waitUntilTableNotExists({ client, ...target.waiting }, { TableName })).state).toBe('SUCCESS');
      await refused(client.send(new DescribeTableCommand({ TableName })), ResourceNotFoundException, 400);
      await client.send(new CreateTableCommand(definition(TableName)));
      await waitUntilTableExists({ client, ...target.waiting }, { TableName });
    },
    { cost: 'cents', minutes: 2 },
  ),

  contractCase(
    'bad input: expressions, keys, types and names',
    async (target) => {
      const { client, TableName } = await tableOf(target);
      const Key = { pk: { S: 'a' }, sk: { N: '1' } };
      const update = (UpdateExpression: string, more: object = {}) =>
        client.send(new UpdateItemCommand({ TableName, Key, UpdateExpression, ...more }));
      for (const [call, message] of [
        [update('SET a = '), /^Invalid UpdateExpression: Syntax error/],
        [update('SET a = :x'), /An expression attribute value used in expression is not defined; attribute value: :x/],
        [
          update('SET #a = b'),
          /An expression attribute name used in the document path is not defined; attribute name: #a/,
        ],
        [update('SET size = a'), /Attribute name is a reserved keyword; reserved keyword: size/],
        [
          update('SET pk = :x', { ExpressionAttributeValues: { ':x': { S: 'x' } } }),
          /Cannot update attribute pk\. This attribute is part of the key/,
        ],
        [
          client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'a' } } })),
          /The provided key element does not match the schema/,
        ],
        [client.send(new PutItemCommand({ TableName, Item: { pk: { S: '' }, sk: { N: '1' } } })), /empty string value/],
        [
          client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, sk: { N: 'x' } } })),
          /cannot be converted to a numeric value/,
        ],
        [
          client.send(
            new QueryCommand({
              TableName,
              KeyConditionExpression: 'sk = :s',
              ExpressionAttributeValues: { ':s': { N: '1' } },
            }),
          ),
          /Query condition missed key schema element: pk/,
        ],
      ] as const) {
        await refused(call, 'ValidationException', 400, { message: expect.stringMatching(message) });
      }
      const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 2 ** 31 };
      await refused(
        client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification })),
        'ValidationException',
        400,
      );
      await refused(
        client.send(new PutItemCommand({ TableName: `${TableName}-none`, Item: Key })),
        ResourceNotFoundException,
        400,
      );
    },
    { cost: 'cents' },
  ),
];

async function tableOf(target: ContractTarget): Promise<{ client: DynamoDBClient; TableName: string }> {
  const client = target.client(DynamoDBClient);
  const TableName = target.name();
  await client.send(new CreateTableCommand(definition(TableName)));
  target.after(() => client.send(new DeleteTableCommand({ TableName })));
  await waitUntilTableExists({ client, ...target.waiting }, { TableName });
  return { client, TableName };
}

const definition = (TableName: string) => ({
  TableName,
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' as const },
    { AttributeName: 'sk', AttributeType: 'N' as const },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ],
  BillingMode: 'PAY_PER_REQUEST' as const,
});
