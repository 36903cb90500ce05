/** Transactions: all or nothing. Every action is planned against the same state; then all are applied, with nothing in between. */

import { createHash } from 'node:crypto';
import type {
  TransactGetItemsCommandInput,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import { messageOf } from '../../../../kernel/errors.ts';
import type { Ask, Call } from '../../../contract.ts';
import { AwsError, codeOf, operation } from '../../../contract.ts';
import { itemAsk } from '../asks.ts';
import { parseProjection } from '../expressions/path-syntax.ts';
import { Placeholders } from '../expressions/placeholders.ts';
import type { Plan } from '../item-writes.ts';
import { planCheck, planDelete, planPut, planUpdate } from '../item-writes.ts';
import { accept, present } from '../members.ts';
import { pick } from '../paths.ts';
import type { Store } from '../store.ts';
import { validation } from '../validation.ts';
import { givenItem, takenItem } from '../values.ts';

/** A client token protects a transaction from being done twice for this long. */
const tokenLife = 10 * 60_000;
const mostActions = 100;

export const transactions = (store: Store) => ({
  TransactWriteItems: operation(
    (input: TransactWriteItemsCommandInput, call) => {
      accept('TransactWriteItems', input, ['TransactItems', 'ClientRequestToken']);
      const actions = input.TransactItems ?? [];
      checkCount(actions);
      refuseStrong(
        store,
        call.region,
        actions.flatMap(({ Put, Update, Delete, ConditionCheck }) => [
          Put?.TableName ?? Update?.TableName ?? Delete?.TableName ?? ConditionCheck?.TableName,
        ]),
      );
      if (alreadyDone(store, call.region, input)) return {};
      const outcomes = actions.map((action) => attempt(() => planAction(store, call.region, action)));
      const reasons = outcomes.map((outcome) => ('plan' in outcome ? { Code: 'None' } : reasonFor(outcome.error)));
      if (outcomes.some((outcome) => 'error' in outcome)) throw cancelled(reasons);
      const plans = outcomes.flatMap((outcome) => ('plan' in outcome ? [outcome.plan] : []));
      if (new Set(plans.map((plan) => plan.id)).size < plans.length) {
        throw validation('Transaction request cannot include multiple operations on one item');
      }
      for (const plan of plans) plan.apply();
      remember(store, call.region, input);
      return {};
    },
    (input: TransactWriteItemsCommandInput, call) =>
      (input.TransactItems ?? []).flatMap((action) => actionAsks(store, action, call)),
  ),

  TransactGetItems: operation(
    (input: TransactGetItemsCommandInput, call) => {
      accept('TransactGetItems', input, ['TransactItems']);
      checkCount(input.TransactItems ?? []);
      refuseStrong(
        store,
        call.region,
        (input.TransactItems ?? []).map(({ Get }) => Get?.TableName),
      );
      const Responses = (input.TransactItems ?? []).map(({ Get: get }) => {
        if (get === undefined) throw validation('TransactItems must contain a Get');
        const table = store.open(call.region, get.TableName);
        const placeholders = new Placeholders(get, get.ProjectionExpression !== undefined);
        const projection = parseProjection(get.ProjectionExpression, placeholders);
        placeholders.checkAllUsed();
        const item = store.item(table, takenItem(get.Key));
        return item === undefined ? {} : { Item: givenItem(projection === undefined ? item : pick(item, projection)) };
      });
      return { Responses };
    },
    (input: TransactGetItemsCommandInput, call) =>
      (input.TransactItems ?? []).map(({ Get: get }) => itemAsk(store, 'GetItem', get?.TableName, get?.Key, call)),
  ),
});

function planAction(store: Store, region: string, action: TransactWriteItem): Plan {
  const { Put: put, Update: update, Delete: remove, ConditionCheck: check } = action;
  if (put !== undefined) return planPut(store, region, put);
  if (update !== undefined) return planUpdate(store, region, update);
  if (remove !== undefined) return planDelete(store, region, remove);
  if (check === undefined) throw validation('TransactItems can only contain one of Check, Put, Update or Delete');
  return planCheck(store, region, check);
}

function actionAsks(store: Store, action: TransactWriteItem, call: Call): Ask[] {
  const { Put: put, Update: update, Delete: remove, ConditionCheck: check } = action;
  return [
    ...(put === undefined ? [] : [itemAsk(store, 'PutItem', put.TableName, put.Item, call)]),
    ...(update === undefined ? [] : [itemAsk(store, 'UpdateItem', update.TableName, update.Key, call)]),
    ...(remove === undefined ? [] : [itemAsk(store, 'DeleteItem', remove.TableName, remove.Key, call)]),
    ...(check === undefined ? [] : [itemAsk(store, 'ConditionCheckItem', check.TableName, check.Key, call)]),
  ];
}

/** A failed condition cancels; anything else wrong with the request is the caller's error. */
function attempt(plan: () => Plan): { plan: Plan } | { error: AwsError } {
  try {
    return { plan: plan() };
  } catch (error) {
    if (error instanceof AwsError && codeOf(error) === 'ConditionalCheckFailedException') return { error };
    throw error;
  }
}

const reasonFor = (error: AwsError) =>
  present({ Code: 'ConditionalCheckFailed', Message: messageOf(error), Item: error.fields.Item });

const cancelled = (reasons: readonly { Code: string }[]): AwsError =>
  new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map((reason) => reason.Code).join(', ')}]`,
    { fields: { CancellationReasons: reasons } },
  );

function checkCount(actions: readonly unknown[]): void {
  if (actions.length >= 1 && actions.length <= mostActions) return;
  throw validation(
    `Member must have length less than or equal to ${mostActions}, and greater than or equal to 1: transactItems`,
  );
}

/** "Global tables configured for MRSC do not support transaction operations, and will return an error" (Developer Guide). */
function refuseStrong(store: Store, region: string, tables: readonly (string | undefined)[]): void {
  const strong = tables.find((name) => name !== undefined && store.open(region, name).consistency === 'STRONG');
  if (strong === undefined) return;
  throw validation(
    `Transactions are not supported on ${strong}: it is a global table with multi-Region strong consistency`,
  );
}

function alreadyDone(store: Store, region: string, input: TransactWriteItemsCommandInput): boolean {
  if (input.ClientRequestToken === undefined) return false;
  const done = store.tokens(region).get(input.ClientRequestToken);
  if (done === undefined || store.now(region) - done.at > tokenLife) return false;
  if (done.request === requestDigest(input)) return true;
  throw new AwsError(
    'IdempotentParameterMismatchException',
    'The provided client request token was already used with different parameters',
  );
}

function remember(store: Store, region: string, input: TransactWriteItemsCommandInput): void {
  if (input.ClientRequestToken === undefined) return;
  store.tokens(region).put(input.ClientRequestToken, { request: requestDigest(input), at: store.now(region) });
}

const requestDigest = (input: TransactWriteItemsCommandInput): string =>
  createHash('sha256').update(JSON.stringify(input.TransactItems)).digest('hex');
