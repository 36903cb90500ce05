/** An item after an update. Every operand is read from the item as it was before. */

import { setOf } from '../compare.ts';
import { addNumbers, subtractNumbers } from '../numbers.ts';
import type { Path } from '../paths.ts';
import { read, remove, write } from '../paths.ts';
import { validation } from '../validation.ts';
import type { Item, Value } from '../values.ts';
import { typeOf } from '../values.ts';
import type { SetOperand, UpdateAction } from './updates.ts';

export function applyUpdate(actions: readonly UpdateAction[], before: Item): Item {
  let item = before;
  for (const action of actions) {
    if (action.kind === 'SET') item = write(item, action.path, operandValue(action.operand, before));
    if (action.kind === 'ADD') item = write(item, action.path, added(read(before, action.path), action.value));
    if (action.kind === 'DELETE') item = deleted(item, action.path, action.value);
  }
  // Elements go last and from the end, so that the indexes are those of the list as it was.
  const removals = actions.filter((action) => action.kind === 'REMOVE').map((action) => action.path);
  for (const path of removals.sort(laterFirst)) item = remove(item, path);
  return item;
}

function operandValue(operand: SetOperand, before: Item): Value {
  switch (operand.kind) {
    case 'value':
      return operand.value;
    case 'path': {
      const value = read(before, operand.path);
      if (value === undefined) {
        throw validation('The provided expression refers to an attribute that does not exist in the item');
      }
      return value;
    }
    case 'if_not_exists':
      return read(before, operand.path) ?? operandValue(operand.otherwise, before);
    case 'list_append': {
      const [left, right] = [operandValue(operand.left, before), operandValue(operand.right, before)];
      if (!('L' in left && 'L' in right)) throw wrongType();
      return { L: [...left.L, ...right.L] };
    }
    case '+':
    case '-': {
      const [left, right] = [operandValue(operand.left, before), operandValue(operand.right, before)];
      if (!('N' in left && 'N' in right)) throw wrongType();
      return { N: (operand.kind === '+' ? addNumbers : subtractNumbers)(left.N, right.N) };
    }
  }
}

/** Adds to a number, or joins sets; what isn't there counts as nothing. */
function added(before: Value | undefined, value: Value): Value {
  if (before === undefined) return value;
  if ('N' in before && 'N' in value) return { N: addNumbers(before.N, value.N) };
  const [elements, more] = [setOf(before), setOf(value)];
  if (elements === undefined || more === undefined || typeOf(before) !== typeOf(value)) throw wrongType();
  return withElements(before, [...new Set([...elements, ...more])]);
}

/** A set that loses its last element is no longer there. */
function deleted(item: Item, path: Path, value: Value): Item {
  const before = read(item, path);
  if (before === undefined) return item;
  const [elements, fewer] = [setOf(before), setOf(value)];
  if (elements === undefined || fewer === undefined || typeOf(before) !== typeOf(value)) throw wrongType();
  const kept = elements.filter((element) => !fewer.includes(element));
  return kept.length === 0 ? remove(item, path) : write(item, path, withElements(before, kept));
}

const withElements = (set: Value, elements: readonly string[]): Value =>
  ({ [typeOf(set)]: elements }) as unknown as Value;

/** Descending, step by step: what is removed first stands behind what is removed next. */
function laterFirst(left: Path, right: Path): number {
  for (const [index, a] of left.entries()) {
    const b = right[index];
    if (b === undefined) return -1;
    if (a !== b) return typeof a === 'number' && typeof b === 'number' ? b - a : a < b ? 1 : -1;
  }
  return 1;
}

const wrongType = () => validation('An operand in the update expression has an incorrect data type');
