// The lease on real MariaDB servers, asked in SQL as the deployed function asks: who gets in, who is put out, and what a restart leaves.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answer } from '../../src/engines/database/answer.ts';
import type { LeaseTerm, ServerClock, SqlAnswers, SqlRequest } from '../../src/engines/database/requests.ts';
import { admission } from '../../src/plan/lease.ts';
import type { Database, Databases } from '../../src/sandbox/databases/database.ts';
import { mariaDatabases } from '../../src/sandbox/databases/mariadb.ts';
import { type Ground, ground } from '../sandbox/databases/machines.ts';

const owner = { user: 'admin', password: 'secret', database: 'photos' };
const application = { user: 'application', password: 'secret', schema: 'photos' };
const guarded = { event_scheduler: 'ON', init_connect: admission(application.user) };

let here: Ground;
let databases: Databases;
let primary: Database;

beforeEach(async () => {
  here = ground();
  databases = mariaDatabases({
    directory: here.directory,
    network: here.network,
    region: () => ({ machines: here.machines }),
    replicationPassword: 'replicate-me',
  });
  primary = open('primary', 1001);
  await primary.create(owner);
  await primary.start(guarded);
  await ask(primary, { ask: 'install', epoch: 1, leased: true });
  await sql(primary, owner, 'CREATE TABLE photos.photo (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(40))');
}, 60_000);

afterEach(() => here.close());

test('until its guard was heard of nothing ends; from then on the application is put out and kept out when it is silent', async () => {
  const session = await connected(primary, application);
  await pause(1500);
  await write(session);
  await renew(primary, 1, 1500);
  await write(session);
  const ended = await untilEnded(session);
  expect(ended).toBeGreaterThan(1000);
  expect(ended).toBeLessThan(5000);
  await expect(connected(primary, application)).rejects.toThrow();
  // Nobody else is held to it, and the account isn't what was changed.
  await sql(primary, owner, "INSERT INTO photos.photo (what) VALUES ('the owner')");
  await expect(renew(primary, 1, 60_000)).resolves.toMatchObject({ renewed: true, clock: { guarded: true } });
  await write(await connected(primary, application));
}, 30_000);

test('a server that is killed and comes up after its lease has run out takes no row before a renewal', async () => {
  await renew(primary, 1, 60_000);
  const term = await termOf(primary, 60_000);
  // A server's start is told in whole seconds: one that lives for less isn't told from the next. No database of RDS's is up again so soon.
  await pause(1200);
  await using customer = hammering(primary);
  await expect.poll(() => rows(primary, 'life 1'), { timeout: 10_000 }).toBeGreaterThan(0);
  await kill('primary');
  customer.life = 2;
  await primary.start(guarded);
  await pause(1000);
  // The lease had almost a minute to go: what ended it is the start.
  await expect(ask(primary, { ask: 'renew', epoch: 1, lease: term })).resolves.toMatchObject({
    renewed: false,
    refused: 'the server has started anew since',
  });
  expect(await rows(primary, 'life 2')).toBe(0);
  await renew(primary, 1, 60_000);
  await expect.poll(() => rows(primary, 'life 2'), { timeout: 10_000 }).toBeGreaterThan(0);
}, 60_000);

test('a lease goes on in its own epoch only, and not after a fence; opening the database begins another', async () => {
  await ask(primary, { ask: 'open', epoch: 3, lease: await termOf(primary, 60_000) });
  await expect(renew(primary, 2, 60_000)).resolves.toMatchObject({ renewed: false });
  await expect(renew(primary, 4, 60_000)).resolves.toMatchObject({ renewed: false });
  await expect(ask(primary, { ask: 'open', epoch: 2, lease: await termOf(primary, 60_000) })).rejects.toThrow(
    /later than/,
  );
  await write(await connected(primary, application));

  await ask(primary, { ask: 'lock' });
  await expect(renew(primary, 3, 60_000)).resolves.toMatchObject({ renewed: false, refused: 'it is fenced' });
  // Whoever unlocks the account by hand doesn't lift the fence.
  await sql(primary, owner, "ALTER USER 'application'@'%' ACCOUNT UNLOCK");
  await expect(connected(primary, application)).rejects.toThrow();
  await ask(primary, { ask: 'open', epoch: 3, lease: await termOf(primary, 60_000) });
  await write(await connected(primary, application));
}, 30_000);

test('a replica is read, and replicates; promoted it holds no lease of its own, whatever its copy of the row says', async () => {
  await renew(primary, 1, 60_000);
  const backup = await primary.backup(join(here.directory, 'copy'));
  const replica = open('replica', 1002);
  await replica.restore(backup);
  await replica.start({ ...guarded, read_only: 'ON' });
  await replica.follow(primary.endpoint, backup.position);
  await write(await connected(primary, application));
  await expect.poll(() => rows(replica), { timeout: 10_000 }).toBe(1);
  const reader = await connected(replica, application);
  await expect(write(reader)).rejects.toThrow(/read-only/);
  await expect(renew(replica, 1, 60_000)).resolves.toMatchObject({
    renewed: false,
    refused: 'the database is read-only',
  });

  await kill('primary');
  await replica.leave();
  await replica.stop();
  await replica.start(guarded);
  await expect(connected(replica, application)).rejects.toThrow();
  await expect(renew(replica, 2, 60_000)).resolves.toMatchObject({ renewed: false });
  await ask(replica, { ask: 'open', epoch: 2, lease: await termOf(replica, 1500) });
  const session = await connected(replica, application);
  await write(session);
  // Its guard is its own, and was made anew.
  expect(await untilEnded(session)).toBeLessThan(5000);
}, 60_000);

test('a server that would let anybody in refuses to be opened with a lease', async () => {
  await primary.stop();
  await primary.start({ event_scheduler: 'ON' });
  await expect(ask(primary, { ask: 'open', epoch: 2, lease: await termOf(primary, 60_000) })).rejects.toThrow(
    /lacks init_connect/,
  );
  await expect(renew(primary, 1, 60_000)).resolves.toMatchObject({ clock: { guarded: false } });
  // A parameter group's change reaches it while it runs.
  await primary.apply(guarded);
  await expect(renew(primary, 1, 60_000)).resolves.toMatchObject({ clock: { guarded: true } });
}, 30_000);

const open = (id: string, serverId: number): Database =>
  databases.open({ region: 'us-east-1', id, serverId, onExit: () => {} });

async function termOf(database: Database, milliseconds: number): Promise<LeaseTerm> {
  const { server, started, now } = (await ask(database, { ask: 'clock' })) as ServerClock;
  return { server, started, ends: now + milliseconds };
}

const renew = async (database: Database, epoch: number, milliseconds: number) =>
  (await ask(database, { ask: 'renew', epoch, lease: await termOf(database, milliseconds) })) as SqlAnswers['renew'];

const write = (session: Connection, what = 'the application') =>
  session.query('INSERT INTO photos.photo (what) VALUES (?)', [what]);

const rows = async (database: Database, what = '%'): Promise<number> =>
  Number((await sql(database, owner, 'SELECT COUNT(*) AS n FROM photos.photo WHERE what LIKE ?', [what]))[0]?.n);

/** Milliseconds until a session that writes all the time is ended. */
async function untilEnded(session: Connection): Promise<number> {
  const began = Date.now();
  for (;;) {
    try {
      await write(session);
    } catch {
      return Date.now() - began;
    }
    await pause(20);
  }
}

/** An application that connects and writes as fast as it can, whatever it meets. */
function hammering(database: Database) {
  let over = false;
  const one = async () => {
    while (!over) {
      const session = await connected(database, application).catch(() => undefined);
      if (session !== undefined) await write(session, `life ${customer.life}`).catch(() => {});
      session?.destroy();
    }
  };
  const customer = {
    life: 1,
    async [Symbol.asyncDispose]() {
      over = true;
      await Promise.all(all);
    },
  };
  const all = [one(), one(), one()];
  return customer;
}

async function kill(name: string): Promise<void> {
  const machine = here.machines.list().find((one) => one.name.includes(name));
  if (machine === undefined) throw new Error(`there is no machine ${name}`);
  machine.kill('SIGKILL');
  await machine.exited;
}

const ask = (database: Database, request: SqlRequest) =>
  answer((statement, values) => sql(database, owner, statement, values), application, request);

async function connected(database: Database, as: { user: string; password: string }): Promise<Connection> {
  const connection = await createConnection({ ...database.endpoint, user: as.user, password: as.password });
  connection.on('error', () => {});
  // A server that refuses at its door says so to the first statement.
  await connection.query('DO 0');
  return connection;
}

async function sql(
  database: Database,
  as: { user: string; password: string },
  statement: string,
  values: readonly unknown[] = [],
) {
  const connection = await connected(database, as);
  try {
    const [found] = await connection.query(statement, [...values]);
    return Array.isArray(found) ? (found as Record<string, unknown>[]) : [];
  } finally {
    connection.destroy();
  }
}
