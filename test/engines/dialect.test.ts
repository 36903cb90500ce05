import { expect, test } from 'vitest';
import { dialectOf, holds } from '../../src/engines/database/dialect.ts';

test("the dialect is the server's own word", () => {
  expect(dialectOf('10.11.6-MariaDB-log').name).toBe('mariadb');
  expect(dialectOf('8.0.39').name).toBe('mysql');
});

test.each([
  ['0-1-10', '0-1-10', true],
  ['0-1-10', '0-1-11', false],
  // The second server counted past the first one's transaction; whether it has it, its number doesn't tell.
  ['0-2-12', '0-1-11', false],
  ['0-1-11,0-2-12', '0-1-11', true],
  ['0-1-10,1-5-3', '1-5-3', true],
  ['0-1-10', '1-5-1', false],
  ['', '0-1-1', false],
  ['0-1-1', '', true],
  ['0-1-9007199254740993', '0-1-9007199254740992', true],
  ['0-1-9007199254740992', '0-1-9007199254740993', false],
])('a MariaDB server that reaches %s holds %s: %s', (reach, set, expected) => {
  expect(holds(reach, set)).toBe(expected);
});
