// A quote of real MariaDB servers, held against what was really lost: customers' rows that the primary had committed and the replica never gets.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answer } from '../../src/engines/database/answer.ts';
import type { DatabaseLook, SqlAnswers, SqlRequest } from '../../src/engines/database/requests.ts';
import { type Quote, quoteOf } from '../../src/ledger/quote.ts';
import { sampleOf } from '../../src/ledger/rate.ts';
import type { Database } from '../../src/sandbox/databases/database.ts';
import { mariaDatabases } from '../../src/sandbox/databases/mariadb.ts';
import type { RateSample } from '../../src/state/rates.ts';
import { type Ground, ground } from '../sandbox/databases/machines.ts';
import { observed } from './observed.ts';

const owner = { user: 'admin', password: 'secret', database: 'photos' };
const application = { user: 'app', password: 'secret', schema: 'photos' };

let here: Ground;
let primary: Database;
let replica: Database;
let link: Link;
let customer: Customer;
const rates: RateSample[] = [];

beforeEach(async () => {
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
  await primary.start({ event_scheduler: 'ON' });
  await ask(primary, { ask: 'install', epoch: 1 });
  await sql(primary, 'CREATE TABLE photos.photo (id INT PRIMARY KEY, at BIGINT)');
  replica = open('replica', 1002);
  const backup = await primary.backup(join(here.directory, 'copy'));
  await replica.restore(backup);
  await replica.start({ read_only: 'ON' });
  link = await openLink(primary);
  await replica.follow(link, backup.position);
  customer = await startCustomer();
  await sampleRates();
}, 60_000);

afterEach(async () => {
  customer.stop();
  link.close();
  await here.close();
});

test('a primary that is killed while the link is stalled: what was quoted covers what is lost', async () => {
  expect(rates[1]?.beats).toBeGreaterThan(rates[0]?.beats ?? 0);
  const well = quoted(await look());
  expect(well.within).toBe(true);
  link.stall();
  await pause(2500);
  // Acknowledged, and on no other machine.
  await kill('primary');
  customer.stop();
  const quote = quoted(await look());
  const lost = await lostRows();
  expect(lost.rows).toBeGreaterThan(10);
  expect(quote.database.seconds.value).toBeGreaterThanOrEqual(lost.seconds);
  expect(quote.database.seconds.value).toBeLessThan(lost.seconds + 15);
  // By the rate of customers alone: beats are not among what is lost.
  expect(quote.database.transactions.value).toBeGreaterThan(lost.rows / 2);
  expect(quote.database.transactions.value).toBeLessThan(lost.rows * 4);
}, 60_000);

test('a replica that applies late has received all but the last: the bound covers it, and the estimate is near', async () => {
  await replica.delay(12);
  await pause(5000);
  await kill('primary');
  customer.stop();
  // A source that is gone is no fault of the replica's: what it has received is still to be applied.
  await expect
    .poll(async () => (await look()).replica, { timeout: 10_000 })
    .toMatchObject({ receiving: false, error: undefined });
  const quote = quoted(await look());
  expect(quote.database.replica).toMatch(/nothing can be received/);
  expect(quote.database.waiting.value).toBeGreaterThan(20);
  expect(quote.database.seconds.value).toBeGreaterThan(4);
  expect(quote.database.expected.value).toBeLessThan((quote.database.seconds.value ?? 0) - 2);

  // A failover applies first what was received.
  await replica.delay(0);
  await expect.poll(async () => (await look()).replica?.drained, { timeout: 10_000 }).toBe(true);
  const lost = await lostRows();
  expect(quote.database.seconds.value).toBeGreaterThanOrEqual(lost.seconds);
  expect(quote.database.expected.value).toBeGreaterThanOrEqual(lost.seconds);
}, 60_000);

test('a broken replica loses what it has received as well, and the quote counts it', async () => {
  await replica.obstruct('in-the-way');
  await primary.trip('in-the-way');
  await expect.poll(async () => (await look()).replica?.error, { timeout: 10_000 }).toMatch(/Duplicate entry/);
  await pause(2000);
  await kill('primary');
  customer.stop();
  const quote = quoted(await look());
  const lost = await lostRows();
  expect(lost.rows).toBeGreaterThan(10);
  expect(quote.database.replica).toMatch(/replication is broken: .*Duplicate entry/);
  expect(quote.database.waiting.value).toBeGreaterThan(lost.rows);
  expect(quote.database.seconds.value).toBeGreaterThanOrEqual(lost.seconds);
  expect(quote.database.expected.value).toBe(quote.database.seconds.value);
}, 60_000);

const look = async (): Promise<DatabaseLook> => (await ask(replica, { ask: 'look' })) as SqlAnswers['look'];

const quoted = (seen: DatabaseLook): Quote =>
  quoteOf(observed({ database: { at: seen.now, value: seen }, rates }), seen.now);

async function sampleRates(): Promise<void> {
  rates.length = 0;
  const sample = async () => {
    const taken = sampleOf(await look());
    if (taken === undefined || taken.beat === rates.at(-1)?.beat) throw new Error('no beat yet');
    rates.push(taken);
  };
  await expect
    .poll(
      () =>
        sample().then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true);
  await pause(3000);
  await sample();
}

interface Customer {
  readonly acknowledged: readonly { readonly id: number; readonly at: number }[];
  stop(): void;
}

/** One row after the other, until the primary no longer answers or it is told to stop. */
async function startCustomer(): Promise<Customer> {
  const connection = await connected(primary);
  const acknowledged: { id: number; at: number }[] = [];
  let over = false;
  const write = async () => {
    for (let id = 1; !over; id++) {
      await connection.query('INSERT INTO photos.photo VALUES (?, ?)', [id, Date.now()]);
      acknowledged.push({ id, at: Date.now() });
      await pause(40);
    }
  };
  // It ends by an error when the primary is killed, or it is stopped: either is what the test does.
  void write().catch(() => {});
  return {
    acknowledged,
    stop() {
      over = true;
      // A write that is under way then never settles: nobody waits for it, and it isn't acknowledged.
      connection.destroy();
    },
  };
}

/** Of the customer's rows those that the replica lacks, and how far back from the last one they reach. */
async function lostRows(): Promise<{ rows: number; seconds: number }> {
  const kept = new Set((await sql(replica, 'SELECT id FROM photos.photo')).map(({ id }) => Number(id)));
  const lost = customer.acknowledged.filter(({ id }) => !kept.has(id));
  const end = customer.acknowledged.at(-1)?.at ?? 0;
  return { rows: lost.length, seconds: (end - Math.min(end, ...lost.map(({ at }) => at))) / 1000 };
}

async function kill(name: string): Promise<void> {
  const machine = here.machines.list().find((one) => one.name.includes(name));
  if (machine === undefined) throw new Error(`there is no machine ${name}`);
  machine.kill('SIGKILL');
  await machine.exited;
}

interface Link {
  readonly host: string;
  readonly port: number;
  /** From now on nothing gets through, and nothing is refused. */
  stall(): void;
  close(): void;
}

function openLink({ endpoint }: Database): Promise<Link> {
  const sockets = new Set<Socket>();
  let stalled = false;
  const server: Server = createServer((near) => {
    const far = connect(endpoint.port, endpoint.host);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      if (stalled) socket.pause();
    }
    near.on('data', (data) => stalled || far.write(data));
    far.on('data', (data) => stalled || near.write(data));
    far.on('close', () => stalled || near.destroy());
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({
        host: '127.0.0.1',
        port: (server.address() as { port: number }).port,
        stall() {
          stalled = true;
        },
        close() {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      }),
    );
  });
}

const ask = (database: Database, request: SqlRequest) =>
  answer((statement, values) => sql(database, statement, values), application, request);

const connected = (database: Database): Promise<Connection> =>
  createConnection({ ...database.endpoint, user: owner.user, password: owner.password, timezone: 'Z' });

async function sql(database: Database, statement: string, values: readonly unknown[] = []) {
  const connection = await connected(database);
  try {
    const [rows] = await connection.query(statement, [...values]);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    connection.destroy();
  }
}
