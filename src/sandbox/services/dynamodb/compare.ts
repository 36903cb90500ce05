/** Equality and order of attribute values. */

import { compareNumbers } from './numbers.ts';
import type { Value } from './values.ts';
import { typeOf } from './values.ts';

/** Same type, same content; sets in any order. */
export function equal(left: Value, right: Value): boolean {
  if (typeOf(left) !== typeOf(right)) return false;
  if ('M' in left && 'M' in right) {
    const names = Object.keys(left.M);
    return (
      names.length === Object.keys(right.M).length &&
      names.every((name) => {
        const [a, b] = [left.M[name], right.M[name]];
        return a !== undefined && b !== undefined && equal(a, b);
      })
    );
  }
  if ('L' in left && 'L' in right) {
    const others = right.L;
    return (
      left.L.length === others.length &&
      left.L.every((one, index) => {
        const other = others[index];
        return other !== undefined && equal(one, other);
      })
    );
  }
  const elements = setOf(left);
  const others = setOf(right);
  if (elements !== undefined && others !== undefined) {
    return elements.length === others.length && elements.every((one) => others.includes(one));
  }
  return JSON.stringify(left) === JSON.stringify(right);
}

/** The order of two strings, numbers or binaries; undefined for anything else or for different types. */
export function order(left: Value, right: Value): number | undefined {
  if ('N' in left && 'N' in right) return compareNumbers(left.N, right.N);
  if ('S' in left && 'S' in right) return Buffer.compare(Buffer.from(left.S), Buffer.from(right.S));
  if ('B' in left && 'B' in right) {
    return Buffer.compare(Buffer.from(left.B, 'base64'), Buffer.from(right.B, 'base64'));
  }
  return undefined;
}

export function setOf(value: Value): readonly string[] | undefined {
  if ('SS' in value) return value.SS;
  if ('NS' in value) return value.NS;
  return 'BS' in value ? value.BS : undefined;
}
