/** The state table's items: one partition per workload, JSON in `document`, and beside it only the attributes conditions need. */

import type { AttributeValue, PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Clients } from '../aws/clients.ts';
import type { Clock } from '../kernel/clock.ts';
import { pastConflicts } from './conflicts.ts';

export interface ItemStore {
  readonly workload: string;
  get<T>(sort: string): Promise<T | undefined>;
  put(sort: string, document: unknown): Promise<void>;
  /** Writes only when no item stands there yet; answers whether it wrote. */
  create(sort: string, document: unknown): Promise<boolean>;
  /** Writes `after` only over `before`, as that was read from here; answers whether it wrote. */
  replace<T>(sort: string, before: T, after: T): Promise<boolean>;
  /** Items whose sort key begins with `prefix`, in key order. */
  list<T>(prefix: string): Promise<T[]>;
  /** The raw door, for conditional updates of the authority. */
  readonly raw: { readonly clients: Clients; readonly table: string; readonly clock: Clock };
}

export function itemStore(clients: Clients, table: string, workload: string, clock: Clock): ItemStore {
  const key = (sort: string) => ({ workload: { S: workload }, item: { S: sort } });
  const putIf = async (
    sort: string,
    document: unknown,
    condition: Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'>,
  ): Promise<boolean> => {
    const { PutItemCommand, ConditionalCheckFailedException } = await import('@aws-sdk/client-dynamodb');
    const client = await clients.dynamoDb();
    try {
      const Item = { ...key(sort), document: { S: JSON.stringify(document) } };
      await pastConflicts(clock, () => client.send(new PutItemCommand({ TableName: table, Item, ...condition })));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
  return {
    workload,
    raw: { clients, table, clock },
    async get(sort) {
      const { GetItemCommand } = await import('@aws-sdk/client-dynamodb');
      const client = await clients.dynamoDb();
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: key(sort), ConsistentRead: true }),
      );
      return documentOf(Item);
    },
    async put(sort, document) {
      const { PutItemCommand } = await import('@aws-sdk/client-dynamodb');
      const client = await clients.dynamoDb();
      const Item = { ...key(sort), document: { S: JSON.stringify(document) } };
      await pastConflicts(clock, () => client.send(new PutItemCommand({ TableName: table, Item })));
    },
    create: (sort, document) => putIf(sort, document, { ConditionExpression: 'attribute_not_exists(workload)' }),
    replace: (sort, before, after) =>
      putIf(sort, after, {
        ConditionExpression: 'document = :before',
        ExpressionAttributeValues: { ':before': { S: JSON.stringify(before) } },
      }),
    async list(prefix) {
      const { paginateQuery } = await import('@aws-sdk/client-dynamodb');
      const client = await clients.dynamoDb();
      const found = [];
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'workload = :workload AND begins_with(#item, :prefix)',
          ExpressionAttributeNames: { '#item': 'item' },
          ExpressionAttributeValues: { ':workload': { S: workload }, ':prefix': { S: prefix } },
        },
      );
      for await (const page of pages) found.push(...(page.Items ?? []));
      return found.flatMap((item) => {
        const document = documentOf(item);
        return document === undefined ? [] : [document];
      }) as never;
    },
  };
}

function documentOf<T>(item: Record<string, AttributeValue> | undefined): T | undefined {
  const text = item?.document?.S;
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
