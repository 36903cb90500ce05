/** Document paths (`a.b[2]`): reading, and building items anew with a place set, removed or picked. Nothing is changed in place. */

import { validation } from './validation.ts';
import type { Item, Value } from './values.ts';

/** Names and list indexes, outermost first; the first is always a name. */
export type Path = readonly (string | number)[];

export function read(item: Item, path: Path): Value | undefined {
  let value: Value | undefined = { M: item };
  for (const step of path) value = value === undefined ? undefined : child(value, step);
  return value;
}

/** A new item with `value` at `path`. Everything above the last step must be there; an index past the end of a list appends. */
export const write = (item: Item, path: Path, value: Value): Item => itemOf(put({ M: item }, path, value));

/** A new item without `path`; the same item when it isn't there. */
export const remove = (item: Item, path: Path): Item => itemOf(cut({ M: item }, path) ?? { M: item });

/** Only what the paths name, in the shape it has in the item: lists are closed up. */
export function pick(item: Item, paths: readonly Path[]): Item {
  const picked = pickFrom({ M: item }, paths);
  return picked !== undefined && 'M' in picked ? picked.M : {};
}

export const shown = (path: Path): string =>
  `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;

/** Whether one path leads through the other, or is the other. */
export const overlap = (left: Path, right: Path): boolean =>
  left.slice(0, right.length).every((step, index) => step === right[index]);

/** Whether they would have one place be both a map and a list. */
export function conflict(left: Path, right: Path): boolean {
  const fork = left.findIndex((step, index) => step !== right[index]);
  return fork >= 0 && fork < right.length && typeof left[fork] !== typeof right[fork];
}

function child(value: Value, step: string | number): Value | undefined {
  if (typeof step === 'number') return 'L' in value ? value.L[step] : undefined;
  return 'M' in value && Object.hasOwn(value.M, step) ? value.M[step] : undefined;
}

function put(value: Value | undefined, path: Path, content: Value): Value {
  const [step, ...rest] = path;
  if (step === undefined) return content;
  if (value === undefined) throw misplaced();
  if (typeof step === 'number') {
    if (!('L' in value)) throw misplaced();
    const inner = put(value.L[step], rest, content);
    return { L: step < value.L.length ? value.L.with(step, inner) : [...value.L, inner] };
  }
  if (!('M' in value)) throw misplaced();
  return { M: { ...value.M, [step]: put(child(value, step), rest, content) } };
}

function cut(value: Value | undefined, path: Path): Value | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if (value === undefined) throw misplaced();
  const inner = child(value, step);
  if (typeof step === 'number') {
    if (!('L' in value)) throw misplaced();
    if (inner === undefined) return value;
    const kept = cut(inner, rest);
    return { L: kept === undefined ? value.L.toSpliced(step, 1) : value.L.with(step, kept) };
  }
  if (!('M' in value)) throw misplaced();
  if (inner === undefined && rest.length === 0) return value;
  const kept = cut(inner, rest);
  const others = Object.entries(value.M).filter(([name]) => name !== step);
  return { M: Object.fromEntries(kept === undefined ? others : [...others, [step, kept]]) };
}

function pickFrom(value: Value, paths: readonly Path[]): Value | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  const inside = (step: string | number) => paths.filter((path) => path[0] === step).map((path) => path.slice(1));
  const within = (inner: Value, step: string | number): Value[] => {
    const wanted = inside(step);
    const picked = wanted.length === 0 ? undefined : pickFrom(inner, wanted);
    return picked === undefined ? [] : [picked];
  };
  if ('M' in value) {
    const entries = Object.entries(value.M).flatMap(([name, inner]) =>
      within(inner, name).map((picked): [string, Value] => [name, picked]),
    );
    return entries.length === 0 ? undefined : { M: Object.fromEntries(entries) };
  }
  if ('L' in value) {
    const elements = value.L.flatMap((inner, index) => within(inner, index));
    return elements.length === 0 ? undefined : { L: elements };
  }
  return undefined;
}

function itemOf(value: Value): Item {
  if ('M' in value) return value.M;
  throw misplaced();
}

const misplaced = () => validation('The document path provided in the update expression is invalid for update');
