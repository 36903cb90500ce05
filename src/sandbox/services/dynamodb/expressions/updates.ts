/** Update expressions, parsed: SET, REMOVE, ADD and DELETE, each at most once. Source: DynamoDB Developer Guide, "Update expressions". */

import type { Path } from '../paths.ts';
import type { Value } from '../values.ts';
import { typeOf } from '../values.ts';
import { checkApart, parsePath } from './path-syntax.ts';
import type { Placeholders } from './placeholders.ts';
import { Cursor } from './tokens.ts';

export type SetOperand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'if_not_exists'; readonly path: Path; readonly otherwise: SetOperand }
  | { readonly kind: 'list_append'; readonly left: SetOperand; readonly right: SetOperand }
  | { readonly kind: '+' | '-'; readonly left: SetOperand; readonly right: SetOperand };

export type UpdateAction =
  | { readonly kind: 'SET'; readonly path: Path; readonly operand: SetOperand }
  | { readonly kind: 'REMOVE'; readonly path: Path }
  | { readonly kind: 'ADD' | 'DELETE'; readonly path: Path; readonly value: Value };

const sections = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;
const addable = ['N', 'SS', 'NS', 'BS'];

export function parseUpdate(text: string | undefined, placeholders: Placeholders): readonly UpdateAction[] {
  if (text === undefined) return [];
  const cursor = new Cursor('UpdateExpression', text);
  const actions: UpdateAction[] = [];
  const seen = new Set<string>();
  while (cursor.next.kind !== 'end') {
    const section = sections.find((word) => cursor.takeWord(word));
    if (section === undefined) throw cursor.stop();
    if (seen.has(section)) {
      throw cursor.error(`The "${section}" section can only be used once in an update expression;`);
    }
    seen.add(section);
    do actions.push(parseAction(cursor, section, placeholders));
    while (cursor.takeIf(','));
  }
  checkApart(
    cursor,
    actions.map((action) => action.path),
  );
  return actions;
}

function parseAction(cursor: Cursor, kind: (typeof sections)[number], placeholders: Placeholders): UpdateAction {
  const path = parsePath(cursor, placeholders);
  if (kind === 'REMOVE') return { kind, path };
  if (kind === 'SET') {
    cursor.expect('=');
    return { kind, path, operand: parseSum(cursor, placeholders) };
  }
  if (cursor.next.kind !== 'value placeholder') throw cursor.stop();
  const value = placeholders.value(cursor, cursor.take().text);
  const allowed = kind === 'ADD' ? addable : addable.slice(1);
  if (!allowed.includes(typeOf(value))) {
    throw cursor.error(
      `Incorrect operand type for operator or function; operator: ${kind}, operand type: ${typeWords[typeOf(value)]}`,
    );
  }
  return { kind, path, value };
}

const typeWords: Record<string, string> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  M: 'MAP',
  L: 'LIST',
};

function parseSum(cursor: Cursor, placeholders: Placeholders): SetOperand {
  const left = parseOperand(cursor, placeholders);
  const operator = (['+', '-'] as const).find((symbol) => cursor.takeIf(symbol));
  return operator === undefined ? left : { kind: operator, left, right: parseOperand(cursor, placeholders) };
}

function parseOperand(cursor: Cursor, placeholders: Placeholders): SetOperand {
  const { kind, text } = cursor.next;
  if (kind === 'value placeholder') {
    cursor.take();
    return { kind: 'value', value: placeholders.value(cursor, text) };
  }
  if (cursor.takeIf('(')) {
    const inner = parseSum(cursor, placeholders);
    cursor.expect(')');
    return inner;
  }
  if (kind === 'name' && cursor.following?.text === '(') return parseFunction(cursor, placeholders);
  return { kind: 'path', path: parsePath(cursor, placeholders) };
}

function parseFunction(cursor: Cursor, placeholders: Placeholders): SetOperand {
  const name = cursor.take().text;
  cursor.expect('(');
  if (name === 'if_not_exists') {
    const path = parsePath(cursor, placeholders);
    cursor.expect(',');
    const otherwise = parseOperand(cursor, placeholders);
    cursor.expect(')');
    return { kind: name, path, otherwise };
  }
  if (name === 'list_append') {
    const left = parseOperand(cursor, placeholders);
    cursor.expect(',');
    const right = parseOperand(cursor, placeholders);
    cursor.expect(')');
    return { kind: name, left, right };
  }
  throw cursor.error(`Invalid function name; function: ${name}`);
}
