/** What a query or a scan answers: one page of items in order, filtered, with as much of each as was asked for. */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { CapacityInput } from './capacity.ts';
import { consumed, readUnits } from './capacity.ts';
import type { Condition } from './expressions/conditions.ts';
import { pathsOf } from './expressions/conditions.ts';
import { holds } from './expressions/evaluate.ts';
import { keyNames } from './keys.ts';
import type { Path } from './paths.ts';
import { pick } from './paths.ts';
import type { IndexRecord, TableRecord } from './records.ts';
import { invalidParameter, validation } from './validation.ts';
import type { Item } from './values.ts';
import { givenItem, itemSize, takenItem } from './values.ts';

/** A page reads at most this much, before the filter. */
const pageBytes = 1024 * 1024;

export interface SelectionInput extends CapacityInput {
  readonly Select?: string | undefined;
  readonly Limit?: number | undefined;
  readonly ConsistentRead?: boolean | undefined;
  readonly ExclusiveStartKey?: Record<string, AttributeValue> | undefined;
}

export interface Selection {
  readonly operation: 'Query' | 'Scan';
  readonly table: TableRecord;
  readonly index: IndexRecord | undefined;
  /** In order; all of them. */
  readonly items: readonly Item[];
  /** Whether an item comes after a key, in that order. */
  readonly after: (item: Item, key: Item) => boolean;
  readonly filter: Condition | undefined;
  readonly projection: readonly Path[] | undefined;
}

export function select(selection: Selection, input: SelectionInput) {
  const { operation, table, index, filter } = selection;
  checkInput(selection, input);
  const start =
    input.ExclusiveStartKey === undefined ? undefined : startKey(selection, takenItem(input.ExclusiveStartKey));
  const rest = start === undefined ? selection.items : selection.items.filter((item) => selection.after(item, start));
  const { scanned, bytes } = page(rest, input.Limit);
  const found = filter === undefined ? scanned : scanned.filter((item) => holds(filter, item));
  const last = scanned.length < rest.length || scanned.length === input.Limit ? scanned.at(-1) : undefined;
  const shown = (item: Item) => givenItem(visible(selection, input.Select, item));
  return {
    ...(input.Select === 'COUNT' ? {} : { Items: found.map(shown) }),
    Count: found.length,
    ScannedCount: scanned.length,
    ...(last === undefined ? {} : { LastEvaluatedKey: givenItem(keysOf(selection, last)) }),
    ...consumed(
      operation,
      input,
      table.name,
      readUnits(bytes, input.ConsistentRead === true && index?.kind !== 'global'),
    ),
  };
}

function page(items: readonly Item[], limit: number | undefined): { scanned: readonly Item[]; bytes: number } {
  let bytes = 0;
  for (const [count, item] of items.entries()) {
    if (count === limit || bytes >= pageBytes) return { scanned: items.slice(0, count), bytes };
    bytes += itemSize(item);
  }
  return { scanned: items, bytes };
}

/** Of an index only what it projects, unless the table is asked through a local one. */
function visible({ table, index, projection }: Selection, asked: string | undefined, item: Item): Item {
  const wantsAll = asked === 'ALL_ATTRIBUTES' || (index?.kind === 'local' && projection !== undefined);
  const projected =
    index === undefined || index.projection.type === 'ALL' || wantsAll ? item : project(table, index, item);
  return projection === undefined ? projected : pick(projected, projection);
}

function project(table: TableRecord, index: IndexRecord, item: Item): Item {
  const names = [...keyNames(table.keys), ...keyNames(index.keys), ...index.projection.attributes];
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}

function keysOf({ table, index }: Selection, item: Item): Item {
  const names = [...keyNames(table.keys), ...(index === undefined ? [] : keyNames(index.keys))];
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}

function startKey(selection: Selection, key: Item): Item {
  const { table, index } = selection;
  const names = new Set([...keyNames(table.keys), ...(index === undefined ? [] : keyNames(index.keys))]);
  if (Object.keys(key).length !== names.size || Object.keys(key).some((name) => !names.has(name))) {
    throw validation('The provided starting key is invalid');
  }
  return key;
}

function checkInput({ operation, index, filter, projection, table }: Selection, input: SelectionInput): void {
  if (input.Limit !== undefined && input.Limit < 1) {
    throw validation(
      `Value '${input.Limit}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    );
  }
  if (index?.kind === 'global') {
    if (input.ConsistentRead === true)
      throw validation('Consistent reads are not supported on global secondary indexes');
    if (input.Select === 'ALL_ATTRIBUTES' && index.projection.type !== 'ALL') {
      throw invalidParameter(
        `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
      );
    }
  }
  if (input.Select === 'SPECIFIC_ATTRIBUTES' && projection === undefined) {
    throw validation(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  if (projection !== undefined && input.Select !== undefined && input.Select !== 'SPECIFIC_ATTRIBUTES') {
    throw validation(`Cannot specify the ProjectionExpression when choosing to get ${input.Select}`);
  }
  if (input.Select === 'ALL_PROJECTED_ATTRIBUTES' && index === undefined) {
    throw validation('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (operation === 'Query' && filter !== undefined) {
    const keys = keyNames(index?.keys ?? table.keys);
    const used = pathsOf(filter).find((path) => keys.includes(String(path[0])));
    if (used !== undefined) {
      throw validation(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${String(used[0])}`,
      );
    }
  }
}
