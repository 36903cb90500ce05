/** What DynamoDB asks IAM. Source: Service Authorization Reference, "Actions for Amazon DynamoDB". */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Ask, Call } from '../../contract.ts';
import type { Store } from './store.ts';

export function tableArn(call: Call, given: string | undefined): string {
  if (given?.startsWith('arn:') === true) return given;
  return `arn:aws:dynamodb:${call.region}:${call.account}:table/${given ?? ''}`;
}

/** An authorizer for operations on one table. */
export const onTable =
  (action: string) =>
  (input: { TableName?: string | undefined }, call: Call): Ask[] => [
    { action: `dynamodb:${action}`, resource: tableArn(call, input.TableName) },
  ];

/** Queries and scans of an index are asked for on the index. */
export const onTableOrIndex =
  (action: string) =>
  (input: { TableName?: string | undefined; IndexName?: string | undefined }, call: Call): Ask[] => {
    const table = tableArn(call, input.TableName);
    const resource = input.IndexName === undefined ? table : `${table}/index/${input.IndexName}`;
    return [{ action: `dynamodb:${action}`, resource }];
  };

type Given = Readonly<Record<string, AttributeValue>> | undefined;

/** An ask about one item; policies may look at its partition key. */
export function itemAsk(store: Store, action: string, table: string | undefined, item: Given, call: Call): Ask {
  const resource = tableArn(call, table);
  const name = resource.split(':table/')[1] ?? '';
  const partition = store.tables(call.region).get(name)?.keys.partition;
  const value = partition === undefined ? undefined : item?.[partition];
  const leading = value?.S ?? value?.N;
  const context = leading === undefined ? {} : { context: { 'dynamodb:LeadingKeys': [leading] } };
  return { action: `dynamodb:${action}`, resource, ...context };
}

/** An authorizer for operations that name a table by its ARN. */
export const onResource =
  (action: string) =>
  (input: { ResourceArn?: string | undefined }): Ask[] => [
    { action: `dynamodb:${action}`, resource: input.ResourceArn ?? '' },
  ];
