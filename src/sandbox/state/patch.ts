/**
 * What changed between two values of a row. Rows are never changed in place, so what two of them share is the same object: a change
 * deep in a big row (one resource of a stack, one event more) is found without looking at the rest, and costs what it is.
 *
 * A patch is JSON once its values are encoded: `{ s: whole }`, `{ o: { member: patch | null } }` where null removes, or
 * `{ a: [from, removed, inserted] }`.
 */

import { decode, encode } from './codec.ts';

export type Patch =
  | { readonly s: unknown }
  | { readonly o: Readonly<Record<string, Patch | null>> }
  | { readonly a: readonly [from: number, removed: number, inserted: readonly unknown[]] };

/** Undefined when nothing changed. */
export function patchBetween(before: unknown, after: unknown, path = ''): Patch | undefined {
  if (Object.is(before, after)) return undefined;
  if (Array.isArray(before) && Array.isArray(after)) return arrayPatch(before, after, path);
  if (isRecord(before) && isRecord(after)) return recordPatch(before, after, path);
  return { s: encode(after, path) };
}

/** `before` isn't changed; what the patch doesn't touch is shared with it. */
export function applyPatch(before: unknown, patch: Patch): unknown {
  if ('s' in patch) return decode(patch.s);
  if ('a' in patch) {
    const [from, removed, inserted] = patch.a;
    const array = before as readonly unknown[];
    return [...array.slice(0, from), ...inserted.map(decode), ...array.slice(from + removed)];
  }
  const record = new Map(Object.entries(before as object));
  for (const [key, member] of Object.entries(patch.o)) {
    if (member === null) record.delete(key);
    else record.set(key, applyPatch(record.get(key), member));
  }
  return Object.fromEntries(record);
}

function recordPatch(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  path: string,
): Patch | undefined {
  const changes: [string, Patch | null][] = [];
  for (const key of Object.keys(before)) {
    if (before[key] !== undefined && (!Object.hasOwn(after, key) || after[key] === undefined))
      changes.push([key, null]);
  }
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined) continue;
    const known = Object.hasOwn(before, key) ? before[key] : undefined;
    const patch = patchBetween(known, value, path === '' ? key : `${path}.${key}`);
    if (patch !== undefined) changes.push([key, patch]);
  }
  return changes.length === 0 ? undefined : { o: Object.fromEntries(changes) };
}

function arrayPatch(before: readonly unknown[], after: readonly unknown[], path: string): Patch | undefined {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && Object.is(before[from], after[from])) from++;
  let same = 0;
  while (same < shorter - from && Object.is(before.at(-1 - same), after.at(-1 - same))) same++;
  const removed = before.length - from - same;
  const inserted = after.slice(from, after.length - same);
  if (removed === 0 && inserted.length === 0) return undefined;
  return { a: [from, removed, inserted.map((one, index) => encode(one, `${path}[${from + index}]`))] };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
