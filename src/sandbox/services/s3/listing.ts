/** Listing keys: prefix, delimiter and pages, in the order of UTF-8 bytes. Pure. */

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

/** One page of `names`. A common prefix counts as one entry, and is passed over as a whole by a page that starts after it. */
export function listPage(names: Iterable<string>, { prefix, delimiter, after, limit }: ListRequest): ListPage {
  const candidates = [...names].filter((name) => name.startsWith(prefix) && byteOrder(name, after) > 0);
  const keys: string[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  for (const name of candidates.sort(byteOrder)) {
    const rolled = rolledUp(name, prefix, delimiter);
    if (rolled !== undefined && (rolled === prefixes.at(-1) || rolled === after)) continue;
    if (keys.length + prefixes.length >= limit) return { keys, commonPrefixes: prefixes, next: last };
    if (rolled === undefined) keys.push(name);
    else prefixes.push(rolled);
    last = rolled ?? name;
  }
  return { keys, commonPrefixes: prefixes, next: undefined };
}

/** Compares by code point, which is the order of UTF-8 bytes; JavaScript's own order puts surrogates before U+E000. */
export function byteOrder(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(left.charCodeAt(index)) - rank(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function rolledUp(name: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined || delimiter === '') return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : name.slice(0, at + delimiter.length);
}
