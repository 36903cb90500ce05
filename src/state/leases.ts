/**
 * Leases of a workload with a witness Region: for each side, the epoch in which its writers may write, and whether the next epoch has closed
 * it. The table is strongly consistent, so of a renewal and a closing one comes first in every Region:
 *
 *  1. No renewal of an epoch succeeds once a later one has closed it.
 *  2. No time stands here that anybody else's clock is held against: how long a lease lasts is counted where it is held, from before it was
 *     renewed; and waited out where it was closed, from after it was closed.
 *
 * They lie in a partition of their own, so that a role can be held to them and to nothing else.
 */

import type { AttributeValue, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Side } from '../workload/judged.ts';
import { leasePartition } from '../workload/names.ts';
import { pastConflicts } from './conflicts.ts';
import type { ItemStore } from './items.ts';

export interface Lease {
  readonly epoch: number;
  /** How long one renewal lasts. */
  readonly seconds: number;
  /** Whether the side's database was last known to stop its application without it. */
  readonly guarded: boolean;
}

export async function readLease({ raw, workload }: ItemStore, side: Side): Promise<Lease | undefined> {
  const { GetItemCommand } = await import('@aws-sdk/client-dynamodb');
  const client = await raw.clients.dynamoDb();
  const { Item } = await client.send(
    new GetItemCommand({ TableName: raw.table, Key: keyOf(workload, side), ConsistentRead: true }),
  );
  return leaseIn(Item);
}

/** Answers whether the side may go on writing in the epoch. */
export async function renewLease(store: ItemStore, side: Side, lease: Lease): Promise<boolean> {
  const renewed = await update(store, side, {
    UpdateExpression: 'SET epoch = :epoch, seconds = :seconds, guarded = :guarded',
    ConditionExpression:
      '(attribute_not_exists(closedBy) OR closedBy <= :epoch) AND (attribute_not_exists(epoch) OR epoch <= :epoch)',
    ExpressionAttributeValues: {
      ':epoch': { N: String(lease.epoch) },
      ':seconds': { N: String(lease.seconds) },
      ':guarded': { BOOL: lease.guarded },
    },
  });
  return renewed !== undefined;
}

/** From now on no renewal of an epoch before `epoch` succeeds. Answers the lease that may still run, if there ever was one. Safe to repeat. */
export async function closeLease(store: ItemStore, side: Side, epoch: number): Promise<Lease | undefined> {
  const item = await update(store, side, {
    UpdateExpression: 'SET closedBy = :epoch',
    ConditionExpression: 'attribute_not_exists(closedBy) OR closedBy <= :epoch',
    ExpressionAttributeValues: { ':epoch': { N: String(epoch) } },
  });
  return leaseIn(item);
}

type Item = Record<string, AttributeValue>;

const leaseIn = (item: Item | undefined): Lease | undefined =>
  item?.epoch?.N === undefined
    ? undefined
    : { epoch: Number(item.epoch.N), seconds: Number(item.seconds?.N), guarded: item.guarded?.BOOL === true };

const keyOf = (workload: string, side: Side): Item => ({
  workload: { S: leasePartition(workload) },
  item: { S: side },
});

type Change = Omit<UpdateItemCommandInput, 'TableName' | 'Key' | 'ReturnValues'>;

/** The item as it is then; undefined when the condition doesn't hold. */
async function update({ raw, workload }: ItemStore, side: Side, change: Change): Promise<Item | undefined> {
  const { ConditionalCheckFailedException, UpdateItemCommand } = await import('@aws-sdk/client-dynamodb');
  const client = await raw.clients.dynamoDb();
  const command = { TableName: raw.table, Key: keyOf(workload, side), ReturnValues: 'ALL_NEW' as const, ...change };
  try {
    const { Attributes } = await pastConflicts(raw.clock, () => client.send(new UpdateItemCommand(command)));
    return Attributes ?? {};
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
