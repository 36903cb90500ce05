/** One item: get, put, update, delete. */

import type {
  DeleteItemCommandInput,
  GetItemCommandInput,
  PutItemCommandInput,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { operation } from '../../../contract.ts';
import { itemAsk } from '../asks.ts';
import { consumed, readUnits, writeUnits } from '../capacity.ts';
import type { Consistency } from '../consistency.ts';
import { parseProjection } from '../expressions/path-syntax.ts';
import { Placeholders } from '../expressions/placeholders.ts';
import type { Plan } from '../item-writes.ts';
import { planDelete, planPut, planUpdate } from '../item-writes.ts';
import { accept } from '../members.ts';
import { pick } from '../paths.ts';
import type { Store } from '../store.ts';
import { validation } from '../validation.ts';
import type { Item } from '../values.ts';
import { givenItem, itemSize, takenItem } from '../values.ts';

const writeMembers = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValues',
  'ReturnValuesOnConditionCheckFailure',
  'ReturnConsumedCapacity',
];

export const items = (store: Store, consistency: Consistency) => ({
  GetItem: operation(
    (input: GetItemCommandInput, call) => {
      const members = ['TableName', 'Key', 'ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames'];
      accept('GetItem', input, [...members, 'ReturnConsumedCapacity']);
      const named = [{ TableName: input.TableName, item: input.Key }];
      return consistency.reading(call.region, input.ConsistentRead, named, () => {
        const table = store.open(call.region, input.TableName);
        const placeholders = new Placeholders(input, input.ProjectionExpression !== undefined);
        const projection = parseProjection(input.ProjectionExpression, placeholders);
        placeholders.checkAllUsed();
        const item = store.item(table, takenItem(input.Key));
        const units = readUnits(item === undefined ? 0 : itemSize(item), input.ConsistentRead === true);
        const capacity = consumed('GetItem', input, table.name, units);
        if (item === undefined) return capacity;
        return { Item: givenItem(projection === undefined ? item : pick(item, projection)), ...capacity };
      });
    },
    (input: GetItemCommandInput, call) => [itemAsk(store, 'GetItem', input.TableName, input.Key, call)],
  ),

  PutItem: operation(
    (input: PutItemCommandInput, call) => {
      accept('PutItem', input, [...writeMembers, 'Item']);
      return consistency.writing(call.region, [{ TableName: input.TableName, item: input.Item }], () =>
        written('PutItem', input, planPut(store, call.region, input), ['NONE', 'ALL_OLD']),
      );
    },
    (input: PutItemCommandInput, call) => [itemAsk(store, 'PutItem', input.TableName, input.Item, call)],
  ),

  UpdateItem: operation(
    (input: UpdateItemCommandInput, call) => {
      accept('UpdateItem', input, [...writeMembers, 'Key', 'UpdateExpression']);
      const choices = ['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'];
      return consistency.writing(call.region, [{ TableName: input.TableName, item: input.Key }], () =>
        written('UpdateItem', input, planUpdate(store, call.region, input), choices),
      );
    },
    (input: UpdateItemCommandInput, call) => [itemAsk(store, 'UpdateItem', input.TableName, input.Key, call)],
  ),

  DeleteItem: operation(
    (input: DeleteItemCommandInput, call) => {
      accept('DeleteItem', input, [...writeMembers, 'Key']);
      return consistency.writing(call.region, [{ TableName: input.TableName, item: input.Key }], () =>
        written('DeleteItem', input, planDelete(store, call.region, input), ['NONE', 'ALL_OLD']),
      );
    },
    (input: DeleteItemCommandInput, call) => [itemAsk(store, 'DeleteItem', input.TableName, input.Key, call)],
  ),
});

interface Answering {
  readonly ReturnValues?: string | undefined;
  readonly ReturnConsumedCapacity?: string | undefined;
}

function written(name: string, input: Answering, plan: Plan, choices: readonly string[]) {
  const asked = input.ReturnValues ?? 'NONE';
  if (!choices.includes(asked)) throw validation(`ReturnValues can only be ${choices.join(' or ')}`);
  const size = Math.max(itemSize(plan.before ?? {}), itemSize(plan.after ?? {}));
  const capacity = consumed(name, input, plan.table.name, writeUnits(size));
  plan.apply();
  const attributes = returned(asked, plan);
  const shown =
    attributes === undefined || Object.keys(attributes).length === 0 ? {} : { Attributes: givenItem(attributes) };
  return { ...shown, ...capacity };
}

function returned(asked: string, { before, after, actions }: Plan): Item | undefined {
  const paths = actions.map((action) => action.path);
  switch (asked) {
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return before === undefined ? undefined : pick(before, paths);
    case 'UPDATED_NEW':
      return after === undefined ? undefined : pick(after, paths);
    default:
      return undefined;
  }
}
