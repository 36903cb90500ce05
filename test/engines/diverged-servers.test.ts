// Two real MariaDB servers whose histories part, asked in SQL as the deployed function asks.

import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answer } from '../../src/engines/database/answer.ts';
import type { SqlAnswers, SqlRequest } from '../../src/engines/database/requests.ts';
import type { Database } from '../../src/sandbox/databases/database.ts';
import { mariaDatabases } from '../../src/sandbox/databases/mariadb.ts';
import { type Ground, ground } from '../sandbox/databases/machines.ts';

const owner = { user: 'admin', password: 'secret', database: 'photos' };
const application = { user: 'app', password: 'secret', schema: 'photos' };

let here: Ground;
let primary: Database;
let replica: Database;

beforeAll(async () => {
  here = ground();
  const databases = mariaDatabases({
    directory: here.directory,
    network: here.network,
    region: () => ({ machines: here.machines }),
    replicationPassword: 'replicate-me',
  });
  const open = (id: string, serverId: number) =>
    databases.open({ region: 'us-east-1', id, serverId, onExit: () => {} });
  primary = open('primary', 1001);
  await primary.create(owner);
  await primary.start({});
  await write(primary, 3, 'together');
  const backup = await primary.backup(join(here.directory, 'copy'));
  replica = open('replica', 1002);
  await replica.restore(backup);
  // Opened: its parameter group says so, as for somebody who wants to look something up, or who opens early.
  await replica.start({ read_only: 'OFF' });
  await replica.follow(primary.endpoint, backup.position);
}, 60_000);

afterAll(() => here.close());

test('a replica holds what it was copied with, and what it has applied since', async () => {
  const { executed } = await look(primary);
  expect(await holds(replica, executed)).toBe(true);
  await write(primary, 2, 'more');
  const later = (await look(primary)).executed;
  await expect.poll(() => holds(replica, later), { timeout: 10_000 }).toBe(true);
  expect((await look(replica)).replica).toMatchObject({ received: later, applied: later, drained: true });
});

test('one that was written to while it could not receive does not hold what it has only counted past', async () => {
  const before = (await look(primary)).executed;
  await sql(replica, 'CALL mysql.rds_stop_replication()');
  await write(replica, 5, 'here alone');
  await write(primary, 2, 'there alone');
  const [ours, theirs] = [(await look(replica)).executed, (await look(primary)).executed];
  expect(sequence(ours)).toBeGreaterThan(sequence(theirs));
  expect(await holds(replica, before)).toBe(true);
  expect(await holds(replica, theirs)).toBe(false);
  expect(await holds(primary, ours)).toBe(false);

  // Strict mode is off: what was missed still arrives, under lower numbers than those written here.
  await sql(replica, 'CALL mysql.rds_start_replication()');
  await expect.poll(() => holds(replica, theirs), { timeout: 10_000 }).toBe(true);
  expect(await holds(replica, ours)).toBe(true);
  expect(await holds(primary, ours)).toBe(false);
  const { executed, replica: link } = await look(replica);
  expect(link).toMatchObject({ applied: theirs, drained: true });
  // The last one logged stands for all before it.
  expect(await holds(replica, executed)).toBe(true);
  expect(await holds(primary, link?.applied ?? '')).toBe(true);
});

test('what only one of them has is still told apart when both have written again', async () => {
  await sql(replica, 'CALL mysql.rds_stop_replication()');
  await write(replica, 1, 'here');
  await write(primary, 4, 'there');
  expect(await holds(replica, (await look(primary)).executed)).toBe(false);
  expect(await holds(primary, (await look(replica)).executed)).toBe(false);
});

test('a replica is detached once it has applied what it received; from then on nothing more arrives', async () => {
  await sql(replica, 'CALL mysql.rds_start_replication()');
  await write(primary, 20, 'on the way');
  await expect.poll(() => detached({}), { timeout: 10_000 }).toBe(true);
  const before = await look(replica);
  expect(before.replica).toMatchObject({ stopped: true, receiving: false, applying: false, drained: true });
  await write(primary, 1, 'too late');
  // Asked again, it is as it was, and what it holds is told as before.
  expect(await detached({})).toBe(true);
  expect((await look(replica)).replica?.applied).toBe(before.replica?.applied);
  expect(await holds(replica, (await look(primary)).executed)).toBe(false);
  // Whatever started it again, an open one is stopped at once.
  await sql(replica, 'CALL mysql.rds_start_replication()');
  expect(await detached({ regardless: true })).toBe(true);
});

const detached = async (wanted: { regardless?: true }): Promise<boolean> =>
  ((await ask(replica, { ask: 'detach', ...wanted })) as SqlAnswers['detach']).detached;

const look = (database: Database) => ask(database, { ask: 'look' }) as Promise<SqlAnswers['look']>;

const holds = async (database: Database, set: string): Promise<boolean> =>
  ((await ask(database, { ask: 'contains', set })) as SqlAnswers['contains']).contains;

const ask = (database: Database, request: SqlRequest) =>
  answer((statement, values) => sql(database, statement, values), application, request);

const sequence = (position: string): number => Number(position.split('-')[2]);

async function write(database: Database, count: number, what: string): Promise<void> {
  await sql(
    database,
    'CREATE TABLE IF NOT EXISTS photos.written (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(40))',
  );
  for (let turn = 0; turn < count; turn++)
    await sql(database, 'INSERT INTO photos.written (id, what) VALUES (FLOOR(RAND() * 2000000000), ?)', [what]);
}

async function sql(database: Database, statement: string, values: readonly unknown[] = []) {
  const connection = await createConnection({ ...database.endpoint, user: owner.user, password: owner.password });
  try {
    const [rows] = await connection.query(statement, [...values]);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    connection.destroy();
  }
}
