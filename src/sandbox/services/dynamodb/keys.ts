/** Primary keys and index keys: taken from items, checked against the schema, ordered. */

import { order } from './compare.ts';
import type { IndexRecord, KeySchema, TableRecord } from './records.ts';
import { invalidParameter, validation } from './validation.ts';
import type { Item, Value } from './values.ts';
import { typeOf, valueSize } from './values.ts';

export const keyNames = (keys: KeySchema): string[] =>
  keys.sort === undefined ? [keys.partition] : [keys.partition, keys.sort];

/** The key attributes of an item that is to be written. */
export function keyOfItem(table: TableRecord, item: Item): Item {
  for (const name of keyNames(table.keys)) {
    const value = item[name];
    if (value === undefined) throw invalidParameter(`Missing the key ${name} in the item`);
    const expected = table.types[name];
    if (typeOf(value) !== expected) {
      throw invalidParameter(`Type mismatch for key ${name} expected: ${expected} actual: ${typeOf(value)}`);
    }
  }
  for (const index of table.indexes) checkIndexKeys(table, index, item);
  const key = Object.fromEntries(Object.entries(item).filter(([name]) => keyNames(table.keys).includes(name)));
  checkSizes(table, key);
  return key;
}

/** A key given by itself: exactly the key attributes, of the right types. */
export function checkKey(table: TableRecord, key: Item): Item {
  const names = keyNames(table.keys);
  const fits =
    Object.keys(key).length === names.length &&
    names.every((name) => {
      const value = key[name];
      return value !== undefined && typeOf(value) === table.types[name];
    });
  if (!fits) throw validation('The provided key element does not match the schema');
  checkSizes(table, key);
  return key;
}

/** One string per key: two keys are the same when their strings are. */
export const keyString = (table: TableRecord, key: Item): string =>
  JSON.stringify(keyNames(table.keys).map((name) => Object.values(key[name] ?? {})[0]));

/** Items in an index: those that have all its key attributes. */
export const inIndex = (index: IndexRecord, item: Item): boolean =>
  keyNames(index.keys).every((name) => item[name] !== undefined);

/** Order within a partition, by the sort key of the table or index, ties by the table's own key. */
export function orderBy(table: TableRecord, keys: KeySchema): (left: Item, right: Item) => number {
  const names = [...(keys.sort === undefined ? [] : [keys.sort]), ...keyNames(table.keys)];
  return (left, right) => {
    for (const name of names) {
      const by = orderOf(left[name], right[name]);
      if (by !== 0) return by;
    }
    return 0;
  };
}

function orderOf(left: Value | undefined, right: Value | undefined): number {
  return left === undefined || right === undefined ? 0 : (order(left, right) ?? 0);
}

/** An attribute that is an index's key must have the index's type, or not be there. */
function checkIndexKeys(table: TableRecord, index: IndexRecord, item: Item): void {
  for (const name of keyNames(index.keys)) {
    const value = item[name];
    if (value === undefined) continue;
    const expected = table.types[name];
    if (typeOf(value) !== expected) {
      throw invalidParameter(
        `Type mismatch for Index Key ${name} Expected: ${expected} Actual: ${typeOf(value)} IndexName: ${index.name}`,
      );
    }
    if (isEmpty(value)) {
      throw validation(
        `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${index.name}, IndexKey: ${name}`,
      );
    }
  }
}

function checkSizes(table: TableRecord, key: Item): void {
  for (const [name, value] of Object.entries(key)) {
    if (isEmpty(value)) {
      const kind = 'B' in value ? 'binary' : 'string';
      throw validation(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`,
      );
    }
    const isPartition = name === table.keys.partition;
    const most = isPartition ? 2048 : 1024;
    if (valueSize(value) > most) {
      throw invalidParameter(
        `${isPartition ? 'Size of hashkey' : 'Aggregated size of all range keys'} has exceeded the maximum size limit of${isPartition ? '' : ' '}${most} bytes`,
      );
    }
  }
}

const isEmpty = (value: Value): boolean => ('S' in value && value.S === '') || ('B' in value && value.B === '');
