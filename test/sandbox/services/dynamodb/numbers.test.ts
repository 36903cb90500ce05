import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addNumbers,
  canonicalNumber,
  compareNumbers,
  subtractNumbers,
} from '../../../../src/sandbox/services/dynamodb/numbers.ts';

describe('numbers', () => {
  it.each([
    ['1', '1'],
    ['+001.500', '1.5'],
    ['-0', '0'],
    ['.5', '0.5'],
    ['1e3', '1000'],
    ['123E-2', '1.23'],
    ['-1E-5', '-0.00001'],
    ['100', '100'],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
  ])('writes %s as %s', (given, written) => {
    expect(canonicalNumber(given)).toBe(written);
  });

  it.each([
    ['', /converted to a numeric/],
    ['abc', /converted to a numeric/],
    ['1.2.3', /converted to a numeric/],
    ['1E126', /overflow/],
    ['1E-131', /underflow/],
    ['123456789012345678901234567890123456789', /38 significant digits/],
  ])('refuses %s', (given, why) => {
    expect(() => canonicalNumber(given)).toThrow(why);
  });

  it('is exact where floating point is not', () => {
    expect(addNumbers('0.1', '0.2')).toBe('0.3');
    expect(addNumbers('9007199254740993', '1')).toBe('9007199254740994');
    expect(subtractNumbers('1', '1.00')).toBe('0');
    expect(compareNumbers('10', '9')).toBe(1);
    expect(compareNumbers('1E125', '-1E125')).toBe(1);
  });

  it('agrees with integer arithmetic scaled to cents', () => {
    const cents = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
    const written = (value: number) =>
      `${value < 0 ? '-' : ''}${Math.floor(Math.abs(value) / 100)}.${String(Math.abs(value) % 100).padStart(2, '0')}`;
    fc.assert(
      fc.property(cents, cents, (left, right) => {
        expect(addNumbers(written(left), written(right))).toBe(canonicalNumber(written(left + right)));
        expect(subtractNumbers(written(left), written(right))).toBe(canonicalNumber(written(left - right)));
        expect(compareNumbers(written(left), written(right))).toBe(Math.sign(left - right));
      }),
    );
  });
});
