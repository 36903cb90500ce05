/** Whether a condition holds for an item. What isn't there equals nothing, is unequal to everything and has no order. */

import { equal, order, setOf } from '../compare.ts';
import { read } from '../paths.ts';
import type { Item, Value } from '../values.ts';
import { typeOf } from '../values.ts';
import type { Comparator, Condition, FunctionName, Operand } from './conditions.ts';

export function holds(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item) && holds(condition.right, item);
    case 'or':
      return holds(condition.left, item) || holds(condition.right, item);
    case 'not':
      return !holds(condition.condition, item);
    case 'compare':
      return compares(condition.comparator, operandValue(condition.left, item), operandValue(condition.right, item));
    case 'between': {
      const value = operandValue(condition.operand, item);
      return (
        compares('>=', value, operandValue(condition.least, item)) &&
        compares('<=', value, operandValue(condition.most, item))
      );
    }
    case 'in': {
      const value = operandValue(condition.operand, item);
      return condition.choices.some((choice) => compares('=', value, operandValue(choice, item)));
    }
    case 'function': {
      const [first, second] = condition.operands.map((operand) => operandValue(operand, item));
      return functions[condition.name](first, second);
    }
  }
}

const functions: Record<FunctionName, (first: Value | undefined, second: Value | undefined) => boolean> = {
  attribute_exists: (value) => value !== undefined,
  attribute_not_exists: (value) => value === undefined,
  attribute_type: (value, type) => value !== undefined && type !== undefined && 'S' in type && typeOf(value) === type.S,
  begins_with: (value, start) => {
    if (value === undefined || start === undefined) return false;
    if ('S' in value && 'S' in start) return value.S.startsWith(start.S);
    if (!('B' in value && 'B' in start)) return false;
    const bytes = Buffer.from(start.B, 'base64');
    return Buffer.from(value.B, 'base64').subarray(0, bytes.byteLength).equals(bytes);
  },
  contains: (value, part) => {
    if (value === undefined || part === undefined) return false;
    if ('S' in value && 'S' in part) return value.S.includes(part.S);
    if ('B' in value && 'B' in part) return Buffer.from(value.B, 'base64').includes(Buffer.from(part.B, 'base64'));
    if ('L' in value) return value.L.some((one) => equal(one, part));
    const element = 'S' in part ? part.S : 'N' in part ? part.N : 'B' in part ? part.B : undefined;
    return element !== undefined && typeOf(value) === `${typeOf(part)}S` && setOf(value)?.includes(element) === true;
  },
};

function compares(comparator: Comparator, left: Value | undefined, right: Value | undefined): boolean {
  if (left === undefined || right === undefined) return comparator === '<>';
  if (comparator === '=') return equal(left, right);
  if (comparator === '<>') return !equal(left, right);
  const by = order(left, right);
  if (by === undefined) return false;
  return { '<': by < 0, '<=': by <= 0, '>': by > 0, '>=': by >= 0 }[comparator];
}

function operandValue(operand: Operand, item: Item): Value | undefined {
  if (operand.kind === 'value') return operand.value;
  if (operand.kind === 'path') return read(item, operand.path);
  const of = operandValue(operand.of, item);
  const size = of === undefined ? undefined : sizeOf(of);
  return size === undefined ? undefined : { N: String(size) };
}

function sizeOf(value: Value): number | undefined {
  if ('S' in value) return value.S.length;
  if ('B' in value) return Buffer.from(value.B, 'base64').byteLength;
  if ('L' in value) return value.L.length;
  if ('M' in value) return Object.keys(value.M).length;
  return setOf(value)?.length;
}
