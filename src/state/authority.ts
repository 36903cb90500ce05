/**
 * The authority: one item that says which Region is active, in which epoch, and which run holds the lock. Everything here is one
 * conditional write, so that two runners can't both succeed:
 *
 *  1. The lock is given to one run at a time, and only while the brake is off.
 *  2. The active side changes only for the lock's holder, and the epoch rises by exactly one with it.
 *  3. A step acts only when `superseded` has nothing to say against its run.
 *
 * A workload that never failed over has no item: it is active in the primary Region, in epoch 1.
 */

import type { AttributeValue, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { needsHuman, terminalError, usageError } from '../kernel/errors.ts';
import type { RunReference } from '../plan/run.ts';
import type { Side } from '../workload/judged.ts';
import { pastConflicts } from './conflicts.ts';
import type { ItemStore } from './items.ts';

export interface Authority {
  readonly active: Side;
  readonly epoch: number;
  readonly holder: string | undefined;
  /** The execution that carries the holder out. */
  readonly runner: string | undefined;
  /** The run that committed the present epoch: one that failed after that is opened again, and goes on. */
  readonly movedBy: string | undefined;
  readonly brake: string | undefined;
  /** Epoch milliseconds. */
  readonly lockedOutUntil: number;
}

const sort = 'authority';

export async function readAuthority(store: ItemStore): Promise<Authority> {
  const { GetItemCommand } = await import('@aws-sdk/client-dynamodb');
  const client = await store.raw.clients.dynamoDb();
  const { Item } = await client.send(
    new GetItemCommand({ TableName: store.raw.table, Key: keyOf(store), ConsistentRead: true }),
  );
  return {
    active: Item?.active?.S === 'recovery' ? 'recovery' : 'primary',
    epoch: Number(Item?.epoch?.N ?? 1),
    holder: Item?.holder?.S,
    runner: Item?.runner?.S,
    movedBy: Item?.movedBy?.S,
    brake: Item?.brake?.S,
    lockedOutUntil: Number(Item?.lockedOutUntil?.N ?? 0),
  };
}

/** Takes the lock for `run`, which `runner` carries out and `from` is active for. @throws a usage error naming what stands in the way. */
export async function takeLock(store: ItemStore, run: string, from: Side, runner = run): Promise<Authority> {
  const taken = await writeAuthority(store, {
    UpdateExpression:
      'SET holder = :run, runner = :runner, active = if_not_exists(active, :primary), epoch = if_not_exists(epoch, :one)',
    ConditionExpression:
      '(attribute_not_exists(holder) OR holder = :run) AND attribute_not_exists(brake) AND ' +
      (from === 'primary' ? '(attribute_not_exists(active) OR active = :primary)' : 'active = :recovery'),
    ExpressionAttributeValues: {
      ':run': { S: run },
      ':runner': { S: runner },
      ':primary': { S: 'primary' },
      ':one': { N: '1' },
      ...(from === 'recovery' ? { ':recovery': { S: 'recovery' } } : {}),
    },
  });
  const authority = await readAuthority(store);
  if (taken) return authority;
  if (authority.brake !== undefined) {
    throw usageError(`The brake is on: ${authority.brake}.`, { next: 'Release the brake first.' });
  }
  if (authority.active !== from) {
    throw usageError(`The ${authority.active} Region is already the active one.`, { next: 'Nothing has to be done.' });
  }
  throw usageError(`Run ${authority.holder ?? '(unknown)'} holds the lock.`, {
    next: 'Wait for it to end, or look at its execution.',
  });
}

/** Lets another execution carry out the run that holds the lock. Answers whether it does: of two that try, one. */
export const takeOver = (store: ItemStore, run: string, from: string | undefined, runner: string): Promise<boolean> =>
  writeAuthority(store, {
    UpdateExpression: 'SET runner = :runner',
    ConditionExpression: `holder = :run AND ${from === undefined ? 'attribute_not_exists(runner)' : 'runner = :from'}`,
    ExpressionAttributeValues: {
      ':run': { S: run },
      ':runner': { S: runner },
      ...(from === undefined ? {} : { ':from': { S: from } }),
    },
  });

/** Makes `to` the active side in the run's epoch. Already so: does nothing. */
export async function commit(store: ItemStore, run: RunReference, to: Side): Promise<void> {
  const done = await writeAuthority(store, {
    UpdateExpression: 'SET active = :to, epoch = :epoch, movedBy = :run',
    ConditionExpression: 'holder = :run AND (epoch = :before OR (epoch = :epoch AND active = :to))',
    ExpressionAttributeValues: {
      ':to': { S: to },
      ':epoch': { N: String(run.epoch) },
      ':before': { N: String(run.epoch - 1) },
      ':run': { S: run.id },
    },
  });
  if (done) return;
  const authority = await readAuthority(store);
  throw superseded(run, authority) ?? terminalError(`Run ${run.id} can't commit in epoch ${authority.epoch}.`);
}

/** Gives the lock back; automation stays locked out until `lockedOutUntil` (epoch milliseconds). */
export async function releaseLock(store: ItemStore, run: string, lockedOutUntil: number): Promise<void> {
  await writeAuthority(store, {
    UpdateExpression: 'SET lockedOutUntil = :until REMOVE holder, runner',
    ConditionExpression: 'holder = :run',
    ExpressionAttributeValues: { ':run': { S: run }, ':until': { N: String(lockedOutUntil) } },
  });
}

/** @throws unless `run` still holds the lock, in an epoch it may act in. */
export async function requireEpoch(store: ItemStore, run: RunReference): Promise<void> {
  const moved = superseded(run, await readAuthority(store));
  if (moved !== undefined) throw moved;
}

/** Why `execution` mustn't act for `run`: the run doesn't hold the lock, not in an epoch it may act in, or another carries it out. */
export function superseded(run: RunReference, authority: Authority, execution?: string): Error | undefined {
  const mayAct = authority.epoch === run.epoch || authority.epoch === run.epoch - 1;
  const { runner } = authority;
  if (authority.holder === run.id && mayAct) {
    if (execution === undefined || runner === undefined || runner === execution) return undefined;
    return terminalError(`Run ${run.id} is carried out by ${runner} now.`, {
      given: execution,
      next: 'Nothing is to be done here: follow that one.',
    });
  }
  if (authority.epoch > run.epoch) {
    return terminalError(`Run ${run.id} acts in epoch ${run.epoch}, but the workload is in epoch ${authority.epoch}.`, {
      next: 'A later run has moved the workload on; this one must not act any more.',
    });
  }
  return needsHuman(`Run ${run.id} doesn't hold the lock: ${authority.holder ?? 'nobody'} does.`, {
    next: 'Start the plan again: it takes the lock, finds what is already true and goes on from there.',
  });
}

/** Answers whether the condition held. */
export async function writeAuthority(
  store: ItemStore,
  input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>,
): Promise<boolean> {
  const { ConditionalCheckFailedException, UpdateItemCommand } = await import('@aws-sdk/client-dynamodb');
  const client = await store.raw.clients.dynamoDb();
  try {
    const command = { TableName: store.raw.table, Key: keyOf(store), ...input };
    await pastConflicts(store.raw.clock, () => client.send(new UpdateItemCommand(command)));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

const keyOf = (store: ItemStore): Record<string, AttributeValue> => ({
  workload: { S: store.workload },
  item: { S: sort },
});
