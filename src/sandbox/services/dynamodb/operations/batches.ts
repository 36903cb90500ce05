/** Batches: many items of many tables, nothing atomic about them. */

import type { BatchGetItemCommandInput, BatchWriteItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Ask, Call } from '../../../contract.ts';
import { operation } from '../../../contract.ts';
import { tableArn } from '../asks.ts';
import { readUnits, writeUnits } from '../capacity.ts';
import type { Consistency } from '../consistency.ts';
import { parseProjection } from '../expressions/path-syntax.ts';
import { Placeholders } from '../expressions/placeholders.ts';
import { planDelete, planPut } from '../item-writes.ts';
import { checkKey, keyString } from '../keys.ts';
import { accept, unsupported } from '../members.ts';
import { pick } from '../paths.ts';
import type { Store } from '../store.ts';
import { validation } from '../validation.ts';
import { givenItem, itemSize, takenItem } from '../values.ts';

interface BatchInput {
  readonly RequestItems?: Record<string, unknown> | undefined;
  readonly ReturnConsumedCapacity?: string | undefined;
}

const onTables =
  (action: string) =>
  (input: BatchInput, call: Call): Ask[] =>
    Object.keys(input.RequestItems ?? {}).map((name) => ({
      action: `dynamodb:${action}`,
      resource: tableArn(call, name),
    }));

export const batches = (store: Store, consistency: Consistency) => ({
  BatchGetItem: operation((input: BatchGetItemCommandInput, call) => {
    accept('BatchGetItem', input, ['RequestItems', 'ReturnConsumedCapacity']);
    const requests = Object.entries(input.RequestItems ?? {});
    const count = requests.reduce((sum, [, request]) => sum + (request.Keys?.length ?? 0), 0);
    if (count === 0) throw validation('The requestItems parameter is required for BatchGetItem');
    if (count > 100) throw validation('Too many items requested for the BatchGetItem call');
    const consistent = requests.filter(([, { ConsistentRead }]) => ConsistentRead === true);
    const named = consistent.flatMap(([TableName, { Keys = [] }]) => Keys.map((item) => ({ TableName, item })));
    return consistency.reading(call.region, true, named, () => {
      const used: Record<string, number> = {};
      const responses = requests.map(([name, request]) => {
        accept('BatchGetItem', request, ['Keys', 'ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames']);
        const table = store.open(call.region, name);
        const placeholders = new Placeholders(request, request.ProjectionExpression !== undefined);
        const projection = parseProjection(request.ProjectionExpression, placeholders);
        placeholders.checkAllUsed();
        const keys = (request.Keys ?? []).map((key) => checkKey(table, takenItem(key)));
        checkDistinct(keys.map((key) => keyString(table, key)));
        const found = keys.map((key) => store.item(table, key)).filter((item) => item !== undefined);
        const units = found.map((item) => readUnits(itemSize(item), request.ConsistentRead === true));
        used[table.name] = units.reduce((sum, one) => sum + one, 0);
        return [
          name,
          found.map((item) => givenItem(projection === undefined ? item : pick(item, projection))),
        ] as const;
      });
      return {
        Responses: Object.fromEntries(responses),
        UnprocessedKeys: {},
        ...capacity('BatchGetItem', input, used),
      };
    });
  }, onTables('BatchGetItem')),

  BatchWriteItem: operation((input: BatchWriteItemCommandInput, call) => {
    accept('BatchWriteItem', input, ['RequestItems', 'ReturnConsumedCapacity']);
    const requests = Object.entries(input.RequestItems ?? {}).flatMap(([name, writes]) =>
      writes.map((write) => ({ name, write })),
    );
    if (requests.length === 0 || requests.length > 25) {
      throw validation(
        'Member must have length less than or equal to 25, and greater than or equal to 1: RequestItems',
      );
    }
    const named = requests.map(({ name, write }) => ({
      TableName: name,
      item: write.PutRequest?.Item ?? write.DeleteRequest?.Key ?? {},
    }));
    return consistency.writing(call.region, named, () => {
      const used: Record<string, number> = {};
      const plans = requests.map(({ name, write }) => {
        const put = write.PutRequest;
        const remove = write.DeleteRequest;
        if ((put === undefined) === (remove === undefined)) {
          throw validation(
            'Supplied AttributeValue has more than one datatypes set, must contain exactly one of PutRequest or DeleteRequest',
          );
        }
        const plan =
          put === undefined
            ? planDelete(store, call.region, { TableName: name, Key: remove?.Key })
            : planPut(store, call.region, { TableName: name, Item: put.Item });
        const size = Math.max(itemSize(plan.before ?? {}), itemSize(plan.after ?? {}));
        used[plan.table.name] = (used[plan.table.name] ?? 0) + writeUnits(size);
        return plan;
      });
      checkDistinct(plans.map((plan) => plan.id));
      for (const plan of plans) plan.apply();
      return { UnprocessedItems: {}, ...capacity('BatchWriteItem', input, used) };
    });
  }, onTables('BatchWriteItem')),
});

function checkDistinct(keys: readonly string[]): void {
  if (new Set(keys).size < keys.length) throw validation('Provided list of item keys contains duplicates');
}

function capacity(name: string, input: BatchInput, used: Readonly<Record<string, number>>) {
  const asked = input.ReturnConsumedCapacity ?? 'NONE';
  if (asked === 'INDEXES') throw unsupported('ReturnConsumedCapacity INDEXES', name);
  if (asked === 'NONE') return {};
  return { ConsumedCapacity: Object.entries(used).map(([TableName, CapacityUnits]) => ({ TableName, CapacityUnits })) };
}
