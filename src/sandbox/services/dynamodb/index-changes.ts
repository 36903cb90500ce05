/** Global indexes that UpdateTable makes, changes and drops: one new one at a time, read from once it is filled. */

import type { UpdateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../contract.ts';
import { indexFrom, throughputFrom, typesFrom } from './definitions.ts';
import { durations } from './durations.ts';
import { keyNames } from './keys.ts';
import { present } from './members.ts';
import type { IndexRecord, TableRecord } from './records.ts';
import { invalidParameter } from './validation.ts';

export function changedIndexes(
  table: TableRecord,
  input: UpdateTableCommandInput,
  now: number,
): Pick<TableRecord, 'indexes' | 'types'> {
  const updates = input.GlobalSecondaryIndexUpdates ?? [];
  if (updates.length === 0) return { indexes: table.indexes, types: table.types };
  if (updates.filter((update) => update.Create !== undefined).length > 1) {
    throw new AwsError(
      'LimitExceededException',
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
  }
  let indexes = table.indexes;
  for (const { Create: create, Update: change, Delete: drop } of updates) {
    if (create !== undefined) {
      if (indexes.some((index) => index.name === create.IndexName)) {
        throw invalidParameter(`Attempting to create an index which already exists: ${create.IndexName}`);
      }
      indexes = [...indexes, indexFrom('global', create, table.keys, now + durations.createIndex)];
    }
    if (change !== undefined) {
      existing(indexes, change.IndexName);
      const throughput = throughputFrom(change.ProvisionedThroughput);
      indexes = indexes.map((index) =>
        index.name === change.IndexName ? (present({ ...index, throughput }) as IndexRecord) : index,
      );
    }
    if (drop !== undefined) {
      existing(indexes, drop.IndexName);
      indexes = indexes.filter((index) => index.name !== drop.IndexName);
    }
  }
  return { indexes, types: typesOf(table, input, indexes) };
}

function existing(indexes: readonly IndexRecord[], name: string | undefined): void {
  if (indexes.some((index) => index.kind === 'global' && index.name === name)) return;
  throw new AwsError('ResourceNotFoundException', `Requested resource not found: Index: ${name ?? ''} not found`);
}

/** The types of all keys that are left: as they were, or as they are defined now. */
function typesOf(table: TableRecord, input: UpdateTableCommandInput, indexes: readonly IndexRecord[]) {
  const used = [table.keys, ...indexes.map((index) => index.keys)];
  const names = new Set(used.flatMap(keyNames));
  const known = Object.entries(table.types).map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
  const defined = [...known, ...(input.AttributeDefinitions ?? [])].filter((one) => names.has(one.AttributeName ?? ''));
  return typesFrom(defined, used);
}
