/**
 * The loss quote: what failing over now would lose at most, from what this side knows. Pure.
 *
 *  1. An upper bound holds whatever the primary does now: it counts on until the moment of the quote, since a primary that can't be
 *     seen may still commit.
 *  2. An estimate says what it takes for granted. It is never above the upper bound of the same thing.
 *  3. What can't be told is undefined, and a sentence says so. It is never counted as nothing.
 */

import type { DatabaseLook } from '../engines/database/requests.ts';
import type { Backlog } from '../engines/storage/backlog.ts';
import type { Look } from '../plan/world.ts';
import type { RateSample } from '../state/rates.ts';
import type { ParameterSync } from '../state/syncs.ts';
import type { Side } from '../workload/judged.ts';
import type { DatabaseLoss } from './database-loss.ts';
import { databaseLoss } from './database-loss.ts';
import type { Figure } from './figure.ts';
import { clockTime, inSeconds } from './figure.ts';
import type { Seen } from './seen.ts';

export interface LossObservations {
  readonly active: Side;
  readonly epoch: number;
  /** The recovery Region's database. */
  readonly database: Seen<DatabaseLook>;
  /** By the bucket's name in the config; undefined where S3 has published nothing. */
  readonly buckets: Readonly<Record<string, Seen<Backlog | undefined>>>;
  readonly parameters: Seen<ParameterSync>;
  readonly looks: readonly Look[];
  readonly rates: readonly RateSample[];
  /** Queues of the workload's own: messages aren't replicated. */
  readonly queues: readonly string[];
  readonly objectiveSeconds: number;
}

export interface BucketLoss {
  readonly bucket: string;
  readonly operations: Figure;
  readonly bytes: Figure;
  /** Everything written before that many seconds ago has arrived. */
  readonly seconds: Figure;
  /** By how much S3 itself said it was behind. */
  readonly behind: Figure;
}

export interface ParameterLoss {
  /** Everything changed before that many seconds ago is here, whatever became of its event. */
  readonly seconds: Figure;
  readonly reconciledAt: number | undefined;
  /** Changes copied since, each because an event told of it. */
  readonly copiedSince: number;
  readonly lastCopied: { readonly name: string; readonly at: number } | undefined;
}

export interface Quote {
  /** Epoch milliseconds, as all times here. */
  readonly at: number;
  readonly epoch: number;
  /** A sentence. */
  readonly says: string;
  readonly objectiveSeconds: number;
  readonly within: boolean;
  /** Why not, a sentence each. */
  readonly beyond: readonly string[];
  readonly database: DatabaseLoss;
  readonly buckets: readonly BucketLoss[];
  readonly parameters: ParameterLoss;
  /** What this quote can't know, a sentence each. */
  readonly unknown: readonly string[];
}

/** @param now epoch milliseconds by the clock of AWS, not of a laptop. */
export function quoteOf(observed: LossObservations, now: number): Quote {
  const database = databaseLoss(observed, now);
  const buckets = Object.entries(observed.buckets).map(([bucket, seen]) => bucketLoss(bucket, seen, now));
  const parameters = parameterLoss(observed.parameters, now);
  const beyond = reasonsBeyond(observed.objectiveSeconds, database, buckets);
  return {
    at: now,
    epoch: observed.epoch,
    says: headline(database),
    objectiveSeconds: observed.objectiveSeconds,
    within: beyond.length === 0,
    beyond,
    database,
    buckets,
    parameters,
    unknown: [...database.unknown, ...unknownOfOthers(observed, buckets)],
  };
}

function bucketLoss(bucket: string, seen: Seen<Backlog | undefined>, now: number): BucketLoss {
  const backlog = 'value' in seen ? seen.value : undefined;
  const why = 'problem' in seen ? `S3's metrics couldn't be read: ${seen.problem}` : 'S3 has published nothing of it';
  const figure = (value: number | undefined, is: Figure['is'], how: string): Figure => ({
    value,
    is,
    how: backlog === undefined ? why : how,
    at: backlog?.at,
  });
  return {
    bucket,
    operations: figure(backlog?.operations, 'measured', 'objects, delete markers and tags S3 said were pending'),
    bytes: figure(backlog?.bytes, 'measured', 'bytes S3 said were pending'),
    behind: figure(backlog?.latencySeconds, 'measured', 'how far S3 said the recovery bucket was behind'),
    seconds: figure(
      backlog && inSeconds(now - backlog.at) + backlog.latencySeconds,
      'upper bound',
      'the age of that metric, and how far S3 said the recovery bucket was behind',
    ),
  };
}

function parameterLoss(seen: Seen<ParameterSync>, now: number): ParameterLoss {
  const { reconciled, copied } = 'value' in seen ? seen.value : { reconciled: undefined, copied: [] };
  return {
    seconds: {
      value: reconciled && inSeconds(now - reconciled.startedAt),
      is: 'upper bound',
      how:
        'problem' in seen
          ? `what upkeep noted couldn't be read: ${seen.problem}`
          : reconciled === undefined
            ? 'no full comparison has been noted'
            : 'since the last full comparison of both Regions began',
      at: reconciled?.startedAt,
    },
    reconciledAt: reconciled?.startedAt,
    copiedSince: copied.filter(({ at }) => at >= (reconciled?.startedAt ?? 0)).length,
    lastCopied: copied.at(-1),
  };
}

/** The objective is about writes: rows by the best that is known of them, objects by how far behind S3 said it was. */
function reasonsBeyond(objective: number, database: DatabaseLoss, buckets: readonly BucketLoss[]): string[] {
  const { value } = database.expected;
  const reasons: string[] = [];
  if (value === undefined) reasons.push("how much the database would lose can't be told");
  else if (value > objective) reasons.push(`the database would lose about ${value} s of writes`);
  for (const { bucket, behind } of buckets) {
    if ((behind.value ?? 0) > objective) reasons.push(`bucket ${bucket} was ${behind.value} s behind`);
  }
  return reasons;
}

function headline({ seconds, expected, transactions }: DatabaseLoss): string {
  if (seconds.value === undefined) return "What failing over now would lose can't be told.";
  const counted = transactions.value === undefined ? '' : `, about ${transactions.value} of customers' transactions`;
  const likely =
    expected.value === undefined || expected.value >= seconds.value ? '' : `; ${expected.value} s if ${expected.how}`;
  return `Failing over now would lose at most the last ${seconds.value} s of writes to the database${counted}${likely}.`;
}

function unknownOfOthers({ parameters, queues }: LossObservations, buckets: readonly BucketLoss[]): string[] {
  const published = buckets.filter(({ operations }) => operations.at !== undefined);
  const silent = buckets.filter(({ operations }) => operations.at === undefined).map(({ bucket }) => bucket);
  const oldest = Math.min(...published.map(({ operations }) => operations.at ?? 0));
  const reconciled = 'value' in parameters ? parameters.value.reconciled : undefined;
  return [
    ...(published.length === 0
      ? []
      : [
          `How many objects were written after S3's last word (${clockTime(oldest)}): its metrics come once a minute, and none comes out of a Region that is dark.`,
          'Objects that S3 gave up replicating, or that are older than the replication rule: failures are published in the primary Region alone.',
        ]),
    ...(silent.length === 0 ? [] : [`What of ${silent.join(', ')} is still on its way: nothing could be read of it.`]),
    reconciled === undefined
      ? 'Whether any parameter here is what it is in the primary Region.'
      : `Which parameters were changed since ${clockTime(reconciled.startedAt)} without their event having arrived: events are best effort.`,
    ...(queues.length === 0
      ? []
      : [`Messages in the primary Region's queues (${queues.join(', ')}): queues aren't replicated.`]),
  ];
}
