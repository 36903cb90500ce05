/**
 * The functions Step Functions adds to JSONata, and those of JSONata that tell the time, on AWS time.
 * Source: Step Functions Developer Guide, "JSONata functions provided by Step Functions". `$eval` isn't available there.
 */

import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import { isoTime } from '../../kernel/clock.ts';
import { type Ids, type Random, seededRandom } from '../../kernel/ids.ts';
import type { Json } from './json.ts';

export interface FunctionHost {
  readonly now: () => number;
  readonly random: Random;
  readonly ids: Ids;
}

export function awsFunctions({ now, random, ids }: FunctionHost): Record<string, (...given: never[]) => unknown> {
  return {
    partition,
    // A sequence, as recorded on AWS: of one item it is the item.
    range: (first: number, last: number, step: number) => {
      const [only, ...more] = range(first, last, step);
      return more.length === 0 && only !== undefined ? only : [only, ...more].filter((item) => item !== undefined);
    },
    hash,
    random: (seed?: number) => (seed === undefined ? random : seededRandom(seed)).next(),
    uuid: () => ids.uuid(),
    parse: (text: string) => JSON.parse(text) as Json,
    millis: () => now(),
    now: (picture?: string, zone?: string) =>
      picture === undefined ? isoTime(now()) : formatted.evaluate(undefined, { at: now(), picture, zone }),
    eval: () => {
      throw new Error('The function $eval is not supported in Step Functions. Use $parse.');
    },
  };
}

/** Those Step Functions adds, and those that are told AWS time; `$eval` is there to be refused. */
export const awsFunctionNames: readonly string[] = Object.keys(
  awsFunctions({ now: () => 0, random: seededRandom(0), ids: { uuid: () => '', hex: () => '' } }),
).filter((name) => name !== 'eval');

/** Slices of `size`, the last one shorter. */
export function partition(items: Json[] | undefined, size: number): Json[][] {
  if (items === undefined) return [];
  if (!Array.isArray(items)) throw new Error('The first argument of $partition must be an array.');
  const step = Math.trunc(size);
  if (!(step >= 1)) throw new Error('The chunk size of $partition must be a positive number.');
  return Array.from({ length: Math.ceil(items.length / step) }, (_, index) =>
    items.slice(index * step, (index + 1) * step),
  );
}

/** From `first` to `last`, both included where the step meets them. At most 1,000 items. */
export function range(first: number, last: number, step: number): number[] {
  if (![first, last, step].every(Number.isFinite) || step === 0) {
    throw new Error('$range takes three numbers, the last of them not zero.');
  }
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > 1000) throw new Error('$range produces at most 1000 items.');
  return Array.from({ length: count }, (_, index) => first + index * step);
}

const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

export function hash(text: string, algorithm: string): string {
  const name = algorithms[algorithm];
  if (name === undefined) {
    throw new Error(`Unknown hash algorithm ${algorithm}. Allowed: ${Object.keys(algorithms).join(', ')}.`);
  }
  return createHash(name).update(text).digest('hex');
}

const formatted = jsonata('$fromMillis($at, $picture, $zone)');
