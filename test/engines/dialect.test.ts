import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialectOf, holds, parsePosition } from '../../src/engines/database/dialect.ts';

test("the dialect is the server's own word", () => {
  expect(dialectOf('10.11.6-MariaDB-log').name).toBe('mariadb');
  expect(dialectOf('8.0.39').name).toBe('mysql');
});

describe('MariaDB positions', () => {
  test.each([
    ['0-1-10', '0-1-10', true],
    ['0-1-10', '0-1-11', false],
    ['0-2-12', '0-1-11', true],
    ['0-1-10,1-5-3', '1-5-3', true],
    ['0-1-10', '1-5-1', false],
    ['', '0-1-1', false],
    ['0-1-1', '', true],
  ])('%s holds %s: %s', (position, set, expected) => {
    expect(holds(position, set)).toBe(expected);
  });

  test('holding is an order: what holds a set holds every earlier one', () => {
    const position = fc
      .array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(1000)), { maxLength: 4 })
      .map((parts) => parts.map((part) => part.join('-')).join(','));
    fc.assert(
      fc.property(position, position, position, (one, other, third) => {
        expect(holds(one, one)).toBe(true);
        if (holds(one, other) && holds(other, third)) expect(holds(one, third)).toBe(true);
      }),
    );
  });

  test('sequences beyond what a double can count', () => {
    expect(holds('0-1-9007199254740993', '0-1-9007199254740992')).toBe(true);
    expect(holds('0-1-9007199254740992', '0-1-9007199254740993')).toBe(false);
    expect(parsePosition('0-1-9007199254740993').get(0)?.sequence).toBe(9007199254740993n);
  });
});
