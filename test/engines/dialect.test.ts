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

test.each([
  ['Slave_Pos', '0-1-10', true],
  ['Slave_Pos', '0-1-11', false],
  // By files and positions: no GTID says what has arrived, and none must be taken for all.
  ['No', '', false],
])('a MariaDB replica that follows by %s and received %s is drained: %s', async (Using_Gtid, Gtid_IO_Pos, expected) => {
  const rows = (sql: string) =>
    sql.startsWith('SHOW SLAVE STATUS')
      ? [{ Using_Gtid, Gtid_IO_Pos, Slave_IO_Running: 'Yes', Slave_SQL_Running: 'Yes' }]
      : [{ position: '0-1-10' }];
  const seen = await dialectOf('10.11.6-MariaDB').replica(async (sql) => rows(sql) as never);
  expect(seen?.drained).toBe(expected);
});
