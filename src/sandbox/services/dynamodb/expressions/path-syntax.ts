/** Document paths as they are written in every kind of expression, and lists of them: a projection. */

import type { Path } from '../paths.ts';
import { conflict, overlap, shown } from '../paths.ts';
import type { Placeholders } from './placeholders.ts';
import { isReserved } from './reserved-words.ts';
import { Cursor } from './tokens.ts';

export function parsePath(cursor: Cursor, placeholders: Placeholders): Path {
  const path: (string | number)[] = [parseName(cursor, placeholders)];
  for (;;) {
    if (cursor.takeIf('.')) {
      path.push(parseName(cursor, placeholders));
    } else if (cursor.takeIf('[')) {
      if (cursor.next.kind !== 'number') throw cursor.stop();
      path.push(Number(cursor.take().text));
      cursor.expect(']');
    } else {
      return path;
    }
  }
}

/** `a, b.c, #d[0]`; undefined where no projection is asked for. */
export function parseProjection(text: string | undefined, placeholders: Placeholders): readonly Path[] | undefined {
  if (text === undefined) return undefined;
  const cursor = new Cursor('ProjectionExpression', text);
  const paths = [parsePath(cursor, placeholders)];
  while (cursor.takeIf(',')) paths.push(parsePath(cursor, placeholders));
  cursor.expectEnd();
  checkApart(cursor, paths);
  return paths;
}

/** No two paths of an expression may lead to the same place, or take one place for both a map and a list. */
export function checkApart(cursor: Cursor, paths: readonly Path[]): void {
  paths.forEach((left, index) => {
    for (const right of paths.slice(index + 1)) {
      const [shorter, longer] = left.length <= right.length ? [left, right] : [right, left];
      const ending = `must remove or rewrite one of these paths; path one: ${shown(left)}, path two: ${shown(right)}`;
      if (overlap(shorter, longer)) throw cursor.error(`Two document paths overlap with each other; ${ending}`);
      if (conflict(left, right)) throw cursor.error(`Two document paths conflict with each other; ${ending}`);
    }
  });
}

function parseName(cursor: Cursor, placeholders: Placeholders): string {
  const { kind, text } = cursor.next;
  if (kind === 'name placeholder') {
    cursor.take();
    return placeholders.name(cursor, text);
  }
  if (kind !== 'name') throw cursor.stop();
  if (isReserved(text)) throw cursor.error(`Attribute name is a reserved keyword; reserved keyword: ${text}`);
  cursor.take();
  return text;
}
