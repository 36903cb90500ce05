/**
 * What the database would lose. The heartbeat is the measure: one row a second, written by the primary's database into its own stream,
 * so that whatever was committed before the last beat that arrived has arrived as well. Pure.
 */

import { transactionsBetween } from '../engines/database/gtid/dialect-count.ts';
import type { DatabaseLook } from '../engines/database/requests.ts';
import type { Figure } from './figure.ts';
import { clockTime, inSeconds } from './figure.ts';
import type { LossObservations } from './quote.ts';
import type { Rate } from './rate.ts';
import { rateOf } from './rate.ts';
import { unansweredSince } from './unanswered.ts';

export interface DatabaseLoss {
  readonly dialect: string | undefined;
  /** Positions, in the dialect's notation: the last transactions received and applied here. */
  readonly received: string | undefined;
  readonly applied: string | undefined;
  /** The last heartbeat applied, epoch milliseconds by the primary's clock. */
  readonly lastBeat: number | undefined;
  /** A sentence on replication. */
  readonly replica: string;
  /** Transactions received and not yet applied: a failover applies them first. */
  readonly waiting: Figure;
  /** Seconds of writes, if the primary has been committing until this moment. */
  readonly seconds: Figure;
  /** Seconds of writes, by the best that is known of when it stopped. */
  readonly expected: Figure;
  /** Transactions of customers in `seconds`: the heartbeat's and the service's own are not among them. */
  readonly transactions: Figure;
  /** The same in `expected`. */
  readonly expectedTransactions: Figure;
  readonly unknown: readonly string[];
}

/** A moment up to which everything is here, and how that is known. */
interface Anchor {
  readonly at: number;
  readonly how: string;
}

export function databaseLoss(observed: LossObservations, now: number): DatabaseLoss {
  const look = 'value' in observed.database ? observed.database.value : undefined;
  const problem = 'problem' in observed.database ? observed.database.problem : undefined;
  const replica = look?.replica;
  const rate = rateOf(observed.rates);
  const waiting = waitingIn(look);
  const anchor = anchorOf(look, observed);
  const seconds = boundOf(anchor, now, problem);
  const expected = expectedOf(anchor, look, waiting.value, rate, unansweredSince(observed.looks, now), seconds, now);
  return {
    dialect: look?.dialect,
    received: replica?.received,
    applied: replica?.applied ?? look?.executed,
    lastBeat: look?.heartbeat?.at,
    replica: replicaSays(look, problem),
    waiting,
    seconds,
    expected,
    transactions: transactionsIn(seconds, rate),
    expectedTransactions: transactionsIn(expected, rate),
    unknown: unknownOf(look, rate),
  };
}

/** The latest moment that what is applied here covers; of what has only been received, if it can be applied. */
function anchorOf(look: DatabaseLook | undefined, { rates }: LossObservations): Anchor | undefined {
  const beat = look?.heartbeat;
  const received = look?.replica?.error === undefined ? look?.replica?.receivedAt : undefined;
  if (received !== undefined && received >= (beat?.at ?? 0))
    return { at: received, how: 'since the commit of the last transaction received, by its own time' };
  if (beat !== undefined) return { at: beat.at, how: 'since the last heartbeat applied here' };
  const last = rates.at(-1);
  // What was applied then hasn't gone, if the database comes back at all.
  return look === undefined && last !== undefined
    ? { at: last.beat, how: 'since the last heartbeat upkeep saw here, for the database does not answer now' }
    : undefined;
}

function boundOf(anchor: Anchor | undefined, now: number, problem: string | undefined): Figure {
  return {
    value: anchor && inSeconds(now - anchor.at),
    is: 'upper bound',
    how:
      anchor?.how ?? (problem === undefined ? 'no heartbeat has arrived' : `the database does not answer: ${problem}`),
    at: anchor?.at,
  };
}

function waitingIn(look: DatabaseLook | undefined): Figure {
  const replica = look?.replica;
  return {
    value:
      look === undefined || replica === undefined
        ? undefined
        : transactionsBetween(look.dialect, replica.applied, replica.received),
    is: 'measured',
    how: replica === undefined ? 'there is no replication to ask' : 'received and not applied, by their GTIDs',
    at: look?.now,
  };
}

/** Nearer than the bound: when the service stopped answering, and how far beyond the last applied beat the received ones reach. */
function expectedOf(
  anchor: Anchor | undefined,
  look: DatabaseLook | undefined,
  waiting: number | undefined,
  rate: Rate | undefined,
  stopped: number | undefined,
  bound: Figure,
  now: number,
): Figure {
  if (anchor === undefined) return { ...bound, is: 'estimate' };
  const assumed: string[] = [];
  let from = anchor.at;
  // Received transactions took at least as long to commit as at the fastest rate seen.
  const beat = look?.heartbeat?.at;
  if (waiting !== undefined && waiting > 0 && beat !== undefined && rate !== undefined && rate.peakOfAll > 0) {
    const reaches = Math.min(beat + (1000 * waiting) / rate.peakOfAll, now);
    if (look?.replica?.error === undefined && reaches > from) {
      from = reaches;
      assumed.push(
        `the ${waiting} transactions waiting here were committed no faster than the fastest minute upkeep saw`,
      );
    }
  }
  // A beat after that: the database outlived the service in front of it.
  const until = stopped === undefined || stopped < anchor.at ? now : Math.min(stopped, now);
  if (until < now) assumed.push(`nothing was committed after ${clockTime(until)}, when customers could write no more`);
  return {
    value: Math.min(inSeconds(until - from), bound.value ?? Number.POSITIVE_INFINITY),
    is: 'estimate',
    how: assumed.length === 0 ? 'the primary has been committing until now' : assumed.join(', and '),
    at: anchor.at,
  };
}

function transactionsIn({ value }: Figure, rate: Rate | undefined): Figure {
  return {
    value: value === undefined || rate === undefined ? undefined : Math.ceil(value * rate.peak),
    is: 'estimate',
    how:
      rate === undefined
        ? 'upkeep has not sampled a rate yet'
        : `the seconds, at ${rate.peak.toFixed(2)} a second: the fastest minute since ${clockTime(rate.from)} (${rate.mean.toFixed(2)} on average), heartbeats and the service's own taken out`,
    at: rate?.to,
  };
}

function replicaSays(look: DatabaseLook | undefined, problem: string | undefined): string {
  if (look === undefined) return `the database does not answer: ${problem ?? 'it was not asked'}`;
  const { replica, heartbeat, now } = look;
  if (replica === undefined) return 'the recovery database replicates from nobody';
  if (replica.error !== undefined) return `replication is broken: ${replica.error}`;
  if (!replica.applying) return 'what is received is not being applied';
  if (!replica.receiving)
    return `nothing can be received${replica.linkError === undefined ? '' : `: ${replica.linkError}`}`;
  // A link that hangs looks open for half a minute and more; a beat is due each second.
  const silent = heartbeat === undefined ? 0 : inSeconds(now - heartbeat.at);
  return replica.drained && silent > 5
    ? `connected, but nothing has arrived for ${silent} s`
    : 'receiving and applying';
}

function unknownOf(look: DatabaseLook | undefined, rate: Rate | undefined): string[] {
  const { replica } = look ?? {};
  return [
    'What the primary committed after the last transaction received here: seconds say since when, not what.',
    "How far the clocks of the primary's database and of this side differ: a beat carries the first, its age is told by the second.",
    ...(rate === undefined
      ? ['How many transactions that is: no rate was sampled while the primary was well.']
      : ['Whether the primary commits faster now than in the fastest minute that was sampled.']),
    ...(replica?.error === undefined
      ? []
      : ['Whether what was received can be applied at all: until replication is repaired it counts as lost.']),
    ...(look !== undefined && replica === undefined ? ['Whether anything is on its way: nothing is replicated.'] : []),
  ];
}
