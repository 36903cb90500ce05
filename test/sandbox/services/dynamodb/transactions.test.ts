import { describe, expect, it } from 'vitest';
import { dynamoSandbox, key } from './support.ts';

const n = (value: number) => ({ N: String(value) });
const TableName = 't1t';

describe('transactions', () => {
  it('do all or nothing, and say which condition failed', async () => {
    const { table, put, ddb, get } = dynamoSandbox();
    await table();
    await put({ ...key('a'), x: n(1) });
    const write = (expected: number) =>
      ddb('TransactWriteItems', {
        TransactItems: [
          { Put: { TableName, Item: { ...key('b'), x: n(2) } } },
          {
            Update: {
              TableName,
              Key: key('a'),
              UpdateExpression: 'SET x = x + :1',
              ConditionExpression: 'x = :e',
              ExpressionAttributeValues: { ':1': n(1), ':e': n(expected) },
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
          { ConditionCheck: { TableName, Key: key('c'), ConditionExpression: 'attribute_not_exists(pk)' } },
        ],
      });
    await expect(write(7)).rejects.toMatchObject({
      code: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, None]',
      fields: {
        CancellationReasons: [
          { Code: 'None' },
          { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { ...key('a'), x: n(1) } },
          { Code: 'None' },
        ],
      },
    });
    expect(await get(key('b'))).toBeUndefined();
    await write(1);
    expect(await get(key('a'))).toMatchObject({ x: n(2) });
    expect(await get(key('b'))).toMatchObject({ x: n(2) });
  });

  it('are done once per token, for ten minutes', async () => {
    const { table, ddb, get, clock } = dynamoSandbox();
    await table();
    const add = (by: number) =>
      ddb('TransactWriteItems', {
        ClientRequestToken: 'token',
        TransactItems: [
          {
            Update: {
              TableName,
              Key: key('a'),
              UpdateExpression: 'ADD x :n',
              ExpressionAttributeValues: { ':n': n(by) },
            },
          },
        ],
      });
    await add(1);
    await add(1);
    expect((await get(key('a')))?.x).toEqual(n(1));
    await expect(add(2)).rejects.toMatchObject({ code: 'IdempotentParameterMismatchException' });
    await clock.advance(10 * 60_000 + 1);
    await add(1);
    expect((await get(key('a')))?.x).toEqual(n(2));
  });

  it('take one action per item, and read together', async () => {
    const { table, put, ddb } = dynamoSandbox();
    await table();
    const twice = [{ Put: { TableName, Item: key('a') } }, { Delete: { TableName, Key: key('a') } }];
    await expect(ddb('TransactWriteItems', { TransactItems: twice })).rejects.toThrow(
      'multiple operations on one item',
    );
    await put(key('a'));
    const gets = [{ Get: { TableName, Key: key('a') } }, { Get: { TableName, Key: key('b') } }];
    expect(await ddb('TransactGetItems', { TransactItems: gets })).toEqual({ Responses: [{ Item: key('a') }, {}] });
  });

  it('ask IAM for each action by itself', async () => {
    const { table, dispatcher, core } = dynamoSandbox();
    await table();
    const call = {
      account: core.account,
      region: 'us-east-1',
      from: 'outside',
      principal: core.as('x'),
      requestId: '',
    };
    const resource = 'arn:aws:dynamodb:us-east-1:111122223333:table/t1t';
    const input = {
      TransactItems: [{ Put: { TableName, Item: key('a') } }, { ConditionCheck: { TableName, Key: key('b') } }],
    };
    expect(dispatcher.service('dynamodb')?.operations.TransactWriteItems?.authorize?.(input, call)).toEqual([
      { action: 'dynamodb:PutItem', resource, context: { 'dynamodb:LeadingKeys': ['a'] } },
      { action: 'dynamodb:ConditionCheckItem', resource, context: { 'dynamodb:LeadingKeys': ['b'] } },
    ]);
  });
});

describe('batches', () => {
  it('write and read many, and refuse duplicates', async () => {
    const { table, ddb } = dynamoSandbox();
    await table();
    const puts = ['a', 'b', 'c'].map((pk) => ({ PutRequest: { Item: key(pk) } }));
    expect(await ddb('BatchWriteItem', { RequestItems: { t1t: puts } })).toEqual({ UnprocessedItems: {} });
    await ddb('BatchWriteItem', { RequestItems: { t1t: [{ DeleteRequest: { Key: key('b') } }] } });
    const Keys = ['a', 'b', 'c'].map((pk) => key(pk));
    expect(await ddb('BatchGetItem', { RequestItems: { t1t: { Keys } } })).toEqual({
      Responses: { t1t: [key('a'), key('c')] },
      UnprocessedKeys: {},
    });
    const twice = [...puts, { DeleteRequest: { Key: key('a') } }];
    await expect(ddb('BatchWriteItem', { RequestItems: { t1t: twice } })).rejects.toThrow('contains duplicates');
  });
});
