/** Condition, filter and key-condition expressions, parsed. Source: DynamoDB Developer Guide, "Condition and filter expressions". */

import type { Path } from '../paths.ts';
import type { Value } from '../values.ts';
import { typeOf } from '../values.ts';
import { parsePath } from './path-syntax.ts';
import type { Placeholders } from './placeholders.ts';
import type { ExpressionKind } from './tokens.ts';
import { Cursor } from './tokens.ts';

const comparators = ['=', '<>', '<', '<=', '>', '>='] as const;
export type Comparator = (typeof comparators)[number];

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'size'; readonly of: Operand };

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'compare'; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly operand: Operand; readonly least: Operand; readonly most: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly choices: readonly Operand[] }
  | { readonly kind: 'function'; readonly name: FunctionName; readonly operands: readonly Operand[] };

const arities = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
} as const;
export type FunctionName = keyof typeof arities;

const typeNames = ['S', 'N', 'B', 'BOOL', 'NULL', 'M', 'L', 'SS', 'NS', 'BS'];

export function parseCondition(
  expression: ExpressionKind,
  text: string | undefined,
  placeholders: Placeholders,
): Condition | undefined {
  if (text === undefined) return undefined;
  const cursor = new Cursor(expression, text);
  const condition = parseOr(cursor, placeholders);
  cursor.expectEnd();
  return condition;
}

/** Every path a condition reads. */
export function pathsOf(condition: Condition): Path[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...pathsOf(condition.left), ...pathsOf(condition.right)];
    case 'not':
      return pathsOf(condition.condition);
    case 'compare':
      return [condition.left, condition.right].flatMap(operandPaths);
    case 'between':
      return [condition.operand, condition.least, condition.most].flatMap(operandPaths);
    case 'in':
      return [condition.operand, ...condition.choices].flatMap(operandPaths);
    case 'function':
      return condition.operands.flatMap(operandPaths);
  }
}

function operandPaths(operand: Operand): Path[] {
  if (operand.kind === 'path') return [operand.path];
  return operand.kind === 'size' ? operandPaths(operand.of) : [];
}

function parseOr(cursor: Cursor, placeholders: Placeholders): Condition {
  let left = parseAnd(cursor, placeholders);
  while (cursor.takeWord('OR')) left = { kind: 'or', left, right: parseAnd(cursor, placeholders) };
  return left;
}

function parseAnd(cursor: Cursor, placeholders: Placeholders): Condition {
  let left = parseNot(cursor, placeholders);
  while (cursor.takeWord('AND')) left = { kind: 'and', left, right: parseNot(cursor, placeholders) };
  return left;
}

function parseNot(cursor: Cursor, placeholders: Placeholders): Condition {
  if (cursor.takeWord('NOT')) return { kind: 'not', condition: parseNot(cursor, placeholders) };
  if (cursor.takeIf('(')) {
    const inner = parseOr(cursor, placeholders);
    cursor.expect(')');
    return inner;
  }
  return parseFunction(cursor, placeholders) ?? parseComparison(cursor, placeholders);
}

function parseFunction(cursor: Cursor, placeholders: Placeholders): Condition | undefined {
  const { kind, text } = cursor.next;
  if (kind !== 'name' || cursor.following?.text !== '(' || text === 'size') return undefined;
  if (!Object.hasOwn(arities, text)) throw cursor.error(`Invalid function name; function: ${text}`);
  const name = text as FunctionName;
  cursor.take();
  cursor.expect('(');
  const operands = [parseOperand(cursor, placeholders)];
  while (cursor.takeIf(',')) operands.push(parseOperand(cursor, placeholders));
  cursor.expect(')');
  checkOperands(cursor, name, operands);
  return { kind: 'function', name, operands };
}

function checkOperands(cursor: Cursor, name: FunctionName, operands: readonly Operand[]): void {
  const [first, second] = operands;
  if (operands.length !== arities[name]) {
    throw cursor.error(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }
  if (first?.kind !== 'path' && name.startsWith('attribute')) {
    throw cursor.error(`Operator or function requires a document path; operator or function: ${name}`);
  }
  if (second?.kind !== 'value') return;
  const { value } = second;
  const wrong = name === 'begins_with' ? !('S' in value || 'B' in value) : name === 'attribute_type' && !('S' in value);
  if (wrong) throw incorrectType(cursor, name, value);
  if (name === 'attribute_type' && 'S' in value && !typeNames.includes(value.S)) {
    throw cursor.error(`Invalid attribute type name found; type: ${value.S}, valid types: {${typeNames.join(',')}}`);
  }
}

function parseComparison(cursor: Cursor, placeholders: Placeholders): Condition {
  const left = parseOperand(cursor, placeholders);
  if (cursor.takeWord('BETWEEN')) {
    const least = parseOperand(cursor, placeholders);
    cursor.expectWord('AND');
    return { kind: 'between', operand: left, least, most: parseOperand(cursor, placeholders) };
  }
  if (cursor.takeWord('IN')) {
    cursor.expect('(');
    const choices = [parseOperand(cursor, placeholders)];
    while (cursor.takeIf(',')) choices.push(parseOperand(cursor, placeholders));
    cursor.expect(')');
    return { kind: 'in', operand: left, choices };
  }
  const comparator = comparators.find((symbol) => cursor.takeIf(symbol));
  if (comparator === undefined) throw cursor.stop();
  const right = parseOperand(cursor, placeholders);
  if (comparator !== '=' && comparator !== '<>') {
    for (const operand of [left, right]) {
      if (operand.kind === 'value' && !['S', 'N', 'B'].includes(typeOf(operand.value))) {
        throw incorrectType(cursor, comparator, operand.value);
      }
    }
  }
  return { kind: 'compare', comparator, left, right };
}

function parseOperand(cursor: Cursor, placeholders: Placeholders): Operand {
  const { kind, text } = cursor.next;
  if (kind === 'value placeholder') {
    cursor.take();
    return { kind: 'value', value: placeholders.value(cursor, text) };
  }
  if (kind === 'name' && text === 'size' && cursor.following?.text === '(') {
    cursor.take();
    cursor.expect('(');
    const of = parseOperand(cursor, placeholders);
    cursor.expect(')');
    return { kind: 'size', of };
  }
  return { kind: 'path', path: parsePath(cursor, placeholders) };
}

const incorrectType = (cursor: Cursor, operator: string, value: Value): Error =>
  cursor.error(
    `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${typeOf(value)}`,
  );
