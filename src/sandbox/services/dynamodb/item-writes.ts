/**
 * Put, update and delete of one item, each in two halves: planned (parsed, checked and computed, nothing changed) and applied. A
 * transaction plans all of its actions before it applies the first.
 */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { applyUpdate } from './expressions/apply-update.ts';
import { parseCondition } from './expressions/conditions.ts';
import { holds } from './expressions/evaluate.ts';
import type { PlaceholderInput } from './expressions/placeholders.ts';
import { Placeholders } from './expressions/placeholders.ts';
import type { UpdateAction } from './expressions/updates.ts';
import { parseUpdate } from './expressions/updates.ts';
import { checkKey, keyNames, keyOfItem, keyString } from './keys.ts';
import type { TableRecord } from './records.ts';
import type { Store } from './store.ts';
import { conditionFailed, invalidParameter } from './validation.ts';
import type { Item } from './values.ts';
import { givenItem, takenItem } from './values.ts';

type Given = Record<string, AttributeValue> | undefined;

export interface WriteInput extends PlaceholderInput {
  readonly TableName?: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

export interface Plan {
  readonly table: TableRecord;
  /** Names the item among all of all tables. */
  readonly id: string;
  readonly before: Item | undefined;
  /** The item as it will be; undefined when it will be gone. */
  readonly after: Item | undefined;
  /** Of an update: what it did. */
  readonly actions: readonly UpdateAction[];
  apply(): void;
}

export function planPut(store: Store, region: string, input: WriteInput & { readonly Item?: Given }): Plan {
  const table = store.open(region, input.TableName);
  const after = takenItem(input.Item);
  store.checkItem(table, after);
  const key = keyOfItem(table, after);
  const before = store.item(table, key);
  checkCondition(input, before);
  return plan(table, key, before, after, () => store.put(table, after));
}

export function planDelete(store: Store, region: string, input: WriteInput & { readonly Key?: Given }): Plan {
  const table = store.open(region, input.TableName);
  const key = checkKey(table, takenItem(input.Key));
  const before = store.item(table, key);
  checkCondition(input, before);
  return plan(table, key, before, undefined, () => {
    if (before !== undefined) store.delete(table, key);
  });
}

export function planCheck(store: Store, region: string, input: WriteInput & { readonly Key?: Given }): Plan {
  const table = store.open(region, input.TableName);
  const key = checkKey(table, takenItem(input.Key));
  const before = store.item(table, key);
  checkCondition(input, before);
  return plan(table, key, before, before, () => {});
}

/** An update of an item that isn't there makes it, from its key. */
export function planUpdate(
  store: Store,
  region: string,
  input: WriteInput & { readonly Key?: Given; readonly UpdateExpression?: string | undefined },
): Plan {
  const table = store.open(region, input.TableName);
  const key = checkKey(table, takenItem(input.Key));
  const hasExpression = (input.UpdateExpression ?? input.ConditionExpression) !== undefined;
  const placeholders = new Placeholders(input, hasExpression);
  const actions = parseUpdate(input.UpdateExpression, placeholders);
  const condition = parseCondition('ConditionExpression', input.ConditionExpression, placeholders);
  placeholders.checkAllUsed();
  for (const { path } of actions) {
    if (keyNames(table.keys).includes(String(path[0]))) {
      throw invalidParameter(`Cannot update attribute ${path[0]}. This attribute is part of the key`);
    }
  }
  const before = store.item(table, key);
  if (condition !== undefined && !holds(condition, before ?? {})) throw failed(input, before);
  const after = applyUpdate(actions, before ?? key);
  store.checkItem(table, after, true);
  return { ...plan(table, key, before, after, () => store.put(table, after)), actions };
}

function plan(
  table: TableRecord,
  key: Item,
  before: Item | undefined,
  after: Item | undefined,
  apply: () => void,
): Plan {
  return { table, id: `${table.name} ${keyString(table, key)}`, before, after, actions: [], apply };
}

function checkCondition(input: WriteInput, before: Item | undefined): void {
  const placeholders = new Placeholders(input, input.ConditionExpression !== undefined);
  const condition = parseCondition('ConditionExpression', input.ConditionExpression, placeholders);
  placeholders.checkAllUsed();
  if (condition !== undefined && !holds(condition, before ?? {})) throw failed(input, before);
}

function failed(input: WriteInput, before: Item | undefined): Error {
  const shows = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before !== undefined;
  return conditionFailed(shows ? { Item: givenItem(before) } : {});
}
