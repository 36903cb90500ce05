/**
 * MySQL's GTID sets, `uuid:1-5:7-9,uuid:1-3`, and the tagged ones of 8.3 and later, `uuid:1-5:tag:1-3`. Pure. Sources: MySQL Reference
 * Manual 8.4, "GTID Format and Storage"; numbers end before 2^63 - 1.
 */

import { usageError } from '../../../kernel/errors.ts';
import * as intervals from './intervals.ts';

/** Intervals by their source: a UUID, or a UUID and a tag, `uuid:tag`. */
export type MySqlSet = ReadonlyMap<string, intervals.Intervals>;

const most = 2n ** 63n - 2n;
const uuidPattern = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const tagPattern = /^[a-z_]\w{0,31}$/;
const intervalPattern = /^(\d+)(?:-(\d+))?$/;

/** @throws a usage error for anything a server wouldn't print. Spaces and line ends between the parts are the server's own. */
export function parseMySqlSet(text: string): MySqlSet {
  const found = new Map<string, intervals.Interval[]>();
  const plain = text.replaceAll(/\s/g, '').toLowerCase();
  if (plain === '') return found;
  for (const part of plain.split(',')) {
    const [uuid = '', ...rest] = part.split(':');
    if (!uuidPattern.test(uuid)) refuse(text, `"${uuid}" is no UUID`);
    let source = uuid;
    let numbered = false;
    for (const piece of rest) {
      const [, from, to = from] = intervalPattern.exec(piece) ?? [];
      if (from !== undefined && to !== undefined) {
        found.set(source, [...(found.get(source) ?? []), intervalOf(text, BigInt(from), BigInt(to))]);
        numbered = true;
      } else if (tagPattern.test(piece) && (numbered || source === uuid)) {
        source = `${uuid}:${piece}`;
        numbered = false;
      } else refuse(text, `"${piece}" is neither numbers nor a tag`);
    }
    if (!numbered) refuse(text, `"${source}" comes without numbers`);
  }
  return new Map([...found].map(([source, list]) => [source, intervals.normalized(list)]));
}

/** As a server prints it: sources in order, tags behind their UUID. */
export function printMySqlSet(set: MySqlSet): string {
  const byUuid = new Map<string, string>();
  for (const [source, list] of [...set].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const [uuid = '', tag] = source.split(':');
    const numbers = list.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(':');
    byUuid.set(uuid, `${byUuid.get(uuid) ?? uuid}:${tag === undefined ? '' : `${tag}:`}${numbers}`);
  }
  return [...byUuid.values()].join(',');
}

export function unionMySql(one: MySqlSet, other: MySqlSet): MySqlSet {
  const both = new Map(one);
  for (const [source, list] of other) both.set(source, intervals.union(both.get(source) ?? [], list));
  return both;
}

/** What is in `from` and not in `taken`. */
export function subtractMySql(from: MySqlSet, taken: MySqlSet): MySqlSet {
  const left = [...from].map(([source, list]) => [source, intervals.subtract(list, taken.get(source) ?? [])] as const);
  return new Map(left.filter(([, list]) => list.length > 0));
}

export const containsMySql = (set: MySqlSet, part: MySqlSet): boolean => subtractMySql(part, set).size === 0;

export const countMySql = (set: MySqlSet): bigint =>
  [...set.values()].reduce((sum, list) => sum + intervals.count(list), 0n);

function intervalOf(text: string, from: bigint, to: bigint): intervals.Interval {
  if (from < 1n || to < from || to > most) refuse(text, `${from}-${to} is no interval`);
  return { from, to };
}

function refuse(given: string, why: string): never {
  throw usageError(`A GTID set of MySQL can't be read: ${why}.`, {
    given: given.length > 200 ? `${given.slice(0, 200)}…` : given,
    allowed: 'like 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7, several by comma',
  });
}
