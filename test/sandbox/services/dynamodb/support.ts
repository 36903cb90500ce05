/** DynamoDB under test: a sandbox with a table `t` of string keys `pk` and `sk`, and short calls. */

import { rmSync } from 'node:fs';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { onTestFinished } from 'vitest';
import { createDynamoDbService } from '../../../../src/sandbox/services/dynamodb/service.ts';
import { testSandbox } from '../../../support/test-sandbox.ts';

export type Item = Record<string, AttributeValue>;

export interface Answer {
  readonly Item?: Item;
  readonly Items?: Item[];
  readonly Attributes?: Item;
  readonly Count?: number;
  readonly ScannedCount?: number;
  readonly LastEvaluatedKey?: Item;
}

/** `pk` and `sk` together. */
export const key = (pk: string, sk = '-'): Item => ({ pk: { S: pk }, sk: { S: sk } });

export const definition = {
  TableName: 't1t',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

export function dynamoSandbox(regions?: string[]) {
  const sandbox = testSandbox([createDynamoDbService], regions);
  onTestFinished(() => rmSync(sandbox.core.directory, { recursive: true, force: true }));
  const ddb = <Output = Answer>(operation: string, input: object, region?: string) =>
    sandbox.call<Output>('dynamodb', operation, input, region);
  const TableName = definition.TableName;
  return {
    ...sandbox,
    ddb,
    /** Makes a table and waits until it is there. */
    table: async (more: object = {}) => {
      await ddb('CreateTable', { ...definition, ...more });
      await sandbox.clock.advance(10_000);
    },
    put: (item: Item, more: object = {}, region?: string) => ddb('PutItem', { TableName, Item: item, ...more }, region),
    get: async (Key: Item, more: object = {}, region?: string) =>
      (await ddb('GetItem', { TableName, Key, ...more }, region)).Item,
    update: (Key: Item, UpdateExpression: string, values: Item = {}, more: object = {}, region?: string) =>
      ddb(
        'UpdateItem',
        {
          TableName,
          Key,
          UpdateExpression,
          ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
          ...more,
        },
        region,
      ),
    query: (KeyConditionExpression: string, values: Item, more: object = {}, region?: string) =>
      ddb('Query', { TableName, KeyConditionExpression, ExpressionAttributeValues: values, ...more }, region),
  };
}

export type DynamoSandbox = ReturnType<typeof dynamoSandbox>;
