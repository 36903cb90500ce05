/** Listing keys: prefix, delimiter and pages, in the order of UTF-8 bytes. Pure. */

import { lowerBound } from '../../lower-bound.ts';

export interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  /** Only names after this one. */
  readonly after: string;
  readonly limit: number;
}

export interface ListPage {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** The last name of the page (a key or a common prefix) when there are more. */
  readonly next: string | undefined;
}

/**
 * One page of `sorted`, names in byte order, of which those are listed for which `isListed` holds. A common prefix counts as one entry,
 * and is passed over as a whole by a page that starts after it. A page costs what is on it, wherever in the bucket it begins.
 */
export function listPage(
  sorted: readonly string[],
  { prefix, delimiter, after, limit }: ListRequest,
  isListed: (name: string) => boolean = () => true,
): ListPage {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  let at = firstWith(sorted, prefix, after);
  for (;;) {
    const name = sorted[at];
    if (name?.startsWith(prefix) !== true) return { keys, commonPrefixes: prefixes, next: undefined };
    const rolled = rolledUp(name, prefix, delimiter);
    if (rolled === after && rolled !== undefined) {
      at = afterAll(sorted, rolled, at);
      continue;
    }
    at++;
    if (name === after || !isListed(name)) continue;
    if (keys.length + prefixes.length >= limit) return { keys, commonPrefixes: prefixes, next: last };
    last = rolled ?? name;
    if (rolled === undefined) {
      keys.push(name);
      continue;
    }
    prefixes.push(rolled);
    at = afterAll(sorted, rolled, at);
  }
}

/** Where the names begin that have the prefix and don't come before `from`. */
export function firstWith(sorted: readonly string[], prefix: string, from: string): number {
  const start = byteOrder(prefix, from) > 0 ? prefix : from;
  return lowerBound(sorted, (name) => byteOrder(name, start) < 0);
}

/** Where those end that begin with `prefix`, looked for from `at` on. */
export const afterAll = (sorted: readonly string[], prefix: string, at: number): number =>
  lowerBound(sorted, (name) => name.startsWith(prefix) || byteOrder(name, prefix) < 0, at);

/** Compares by code point, which is the order of UTF-8 bytes; JavaScript's own order puts surrogates before U+E000. */
export function byteOrder(left: string, right: string): number {
  if (left === right) return 0;
  // The two orders differ only where a surrogate meets what lies above them.
  if (!highUnit.test(left) || !highUnit.test(right)) return left < right ? -1 : 1;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(left.charCodeAt(index)) - rank(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const highUnit = /[\ud800-\uffff]/;

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function rolledUp(name: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined || delimiter === '') return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : name.slice(0, at + delimiter.length);
}
