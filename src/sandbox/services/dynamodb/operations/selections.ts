/** Query and Scan, of tables and their indexes. */

import { createHash } from 'node:crypto';
import type { QueryCommandInput, ScanCommandInput } from '@aws-sdk/client-dynamodb';
import { operation } from '../../../contract.ts';
import { onTableOrIndex } from '../asks.ts';
import { equal } from '../compare.ts';
import type { Consistency } from '../consistency.ts';
import { parseCondition } from '../expressions/conditions.ts';
import { holds } from '../expressions/evaluate.ts';
import { keyConditionOf } from '../expressions/key-conditions.ts';
import { parseProjection } from '../expressions/path-syntax.ts';
import { Placeholders } from '../expressions/placeholders.ts';
import { inIndex, orderBy } from '../keys.ts';
import { accept } from '../members.ts';
import type { IndexRecord, TableRecord } from '../records.ts';
import { select } from '../selection.ts';
import type { Store } from '../store.ts';
import { validation } from '../validation.ts';
import type { Item } from '../values.ts';
import { typeOf } from '../values.ts';

const members = [
  'TableName',
  'IndexName',
  'Select',
  'Limit',
  'ConsistentRead',
  'ExclusiveStartKey',
  'ProjectionExpression',
  'FilterExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnConsumedCapacity',
];

export const selections = (store: Store, consistency: Consistency) => ({
  Query: operation((input: QueryCommandInput, call) => {
    accept('Query', input, [...members, 'KeyConditionExpression', 'ScanIndexForward']);
    return consistency.reading(call.region, input.ConsistentRead, [{ TableName: input.TableName }], () => {
      const table = store.open(call.region, input.TableName);
      const index = indexOf(store, table, input.IndexName);
      const keys = index?.keys ?? table.keys;
      const placeholders = new Placeholders(input, true);
      const condition = parseCondition('KeyConditionExpression', input.KeyConditionExpression, placeholders);
      if (condition === undefined) {
        throw validation(
          'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
        );
      }
      const { partition, sort } = keyConditionOf(condition, keys);
      if (typeOf(partition) !== table.types[keys.partition]) {
        throw validation(
          'One or more parameter values were invalid: Condition parameter type does not match schema type',
        );
      }
      const filter = parseCondition('FilterExpression', input.FilterExpression, placeholders);
      const projection = parseProjection(input.ProjectionExpression, placeholders);
      placeholders.checkAllUsed();
      const order = orderBy(table, keys);
      const direction = input.ScanIndexForward === false ? -1 : 1;
      const items = itemsOf(store, table, index)
        .filter((item) => {
          const value = item[keys.partition];
          return value !== undefined && equal(value, partition) && (sort === undefined || holds(sort, item));
        })
        .sort((left, right) => direction * order(left, right));
      const after = (item: Item, key: Item) => direction * order(item, key) > 0;
      return select({ operation: 'Query', table, index, items, after, filter, projection }, input);
    });
  }, onTableOrIndex('Query')),

  /** In the order of the partition keys' hashes, as on AWS: no order at all to a reader. */
  Scan: operation((input: ScanCommandInput, call) => {
    accept('Scan', input, [...members, 'Segment', 'TotalSegments']);
    return consistency.reading(call.region, input.ConsistentRead, [{ TableName: input.TableName }], () => {
      const table = store.open(call.region, input.TableName);
      const index = indexOf(store, table, input.IndexName);
      const keys = index?.keys ?? table.keys;
      const hasExpression = (input.FilterExpression ?? input.ProjectionExpression) !== undefined;
      const placeholders = new Placeholders(input, hasExpression);
      const filter = parseCondition('FilterExpression', input.FilterExpression, placeholders);
      const projection = parseProjection(input.ProjectionExpression, placeholders);
      placeholders.checkAllUsed();
      const segment = segmentOf(input);
      const within = orderBy(table, keys);
      const hashes = new Map<Item, number>();
      const hashed = (item: Item): number => {
        const hash = hashes.get(item) ?? hashOf(item, keys.partition);
        hashes.set(item, hash);
        return hash;
      };
      const order = (left: Item, right: Item) => hashed(left) - hashed(right) || within(left, right);
      const items = itemsOf(store, table, index)
        .filter((item) => hashed(item) % segment.total === segment.number)
        .sort(order);
      const after = (item: Item, key: Item) => order(item, key) > 0;
      return select({ operation: 'Scan', table, index, items, after, filter, projection }, input);
    });
  }, onTableOrIndex('Scan')),
});

function itemsOf(store: Store, table: TableRecord, index: IndexRecord | undefined): Item[] {
  const items = store.items(table);
  return index === undefined ? items : items.filter((item) => inIndex(index, item));
}

function indexOf(store: Store, table: TableRecord, name: string | undefined): IndexRecord | undefined {
  if (name === undefined) return undefined;
  const index = table.indexes.find((one) => one.name === name);
  if (index === undefined) throw validation(`The table does not have the specified index: ${name}`);
  if (store.now(table.region) < index.activeAt) {
    throw validation(`Cannot read from backfilling global secondary index: ${name}`);
  }
  return index;
}

function segmentOf({ Segment: number, TotalSegments: total }: ScanCommandInput): { number: number; total: number } {
  if (number === undefined && total === undefined) return { number: 0, total: 1 };
  if (number === undefined || total === undefined || total < 1 || number < 0 || number >= total) {
    throw validation(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${number} is not less than TotalSegments: ${total}`,
    );
  }
  return { number, total };
}

function hashOf(item: Item, partition: string): number {
  return createHash('md5').update(JSON.stringify(item[partition])).digest().readUInt32BE();
}
