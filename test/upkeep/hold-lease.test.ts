// Guards on a strongly consistent table of three Regions and a real database: who can't renew stops writing before anybody else begins.

import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answer } from '../../src/engines/database/answer.ts';
import type { SqlRequest } from '../../src/engines/database/requests.ts';
import type { Sql } from '../../src/engines/database/sql.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import { isNotYet } from '../../src/kernel/errors.ts';
import { admission } from '../../src/plan/lease.ts';
import type { Database } from '../../src/sandbox/databases/database.ts';
import { mariaDatabases } from '../../src/sandbox/databases/mariadb.ts';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { commit, takeLock } from '../../src/state/authority.ts';
import { itemStore } from '../../src/state/items.ts';
import { closeLease, renewLease } from '../../src/state/leases.ts';
import { awaitLease, openUnderLease } from '../../src/steps/lease.ts';
import type { StepContext } from '../../src/steps/step.ts';
import { holdLease } from '../../src/upkeep/hold-lease.ts';
import type { Side } from '../../src/workload/judged.ts';
import { type Ground, ground } from '../sandbox/databases/machines.ts';
import { isolate, spanningTable, strong, tableRegions } from '../support/state-table.ts';
import { type WiredSandbox, wiredSandbox } from '../support/wired-sandbox.ts';

/** As short as it can be seen; the config takes nothing like it. */
const seconds = 4;
const owner = { user: 'admin', password: 'secret', database: 'photos' };
const application = { user: 'application', password: 'secret', schema: 'photos' };
const witnessed = { witness: { region: tableRegions.witness }, fence: { leaseSeconds: seconds } };
const run = { id: 'run', plan: 'failover', version: 1, epoch: 2 } as const;

let wired: WiredSandbox;
let here: Ground;
let database: Database;
const said: Record<string, unknown>[] = [];

beforeAll(async () => {
  wired = await wiredSandbox([createDynamoDbService], { regions: Object.values(tableRegions) });
  wired.sandbox.clock.setCeiling(Number.POSITIVE_INFINITY);
  await spanningTable(wired, 'state', strong);
  wired.sandbox.clock.setCeiling(1);
  here = ground();
  database = mariaDatabases({
    directory: here.directory,
    network: here.network,
    region: () => ({ machines: here.machines }),
    replicationPassword: 'replicate-me',
  }).open({ region: 'us-east-1', id: 'primary', serverId: 1001, onExit: () => {} });
  await database.create(owner);
  await database.start({ event_scheduler: 'ON', init_connect: admission(application.user) });
  await sql.ask({ ask: 'install', epoch: 1, leased: true });
  await asOwner('CREATE TABLE photos.photo (id INT AUTO_INCREMENT PRIMARY KEY)');
}, 60_000);

afterAll(async () => {
  await here?.close();
  await wired?.[Symbol.asyncDispose]();
});

test('cut off from the others the active side stops before the failover goes on, and not before it is cut off', async () => {
  const guarding = holdLease(guardOf('primary'), wallClock.now() + 60_000);
  const customer = startCustomer();
  await pause(2000 * seconds);
  expect(customer.failed()).toBe(0);
  expect(said).toEqual([]);
  // The other side's guard has nothing to do.
  await holdLease(guardOf('recovery'), Number.POSITIVE_INFINITY);

  const mend = isolate(wired, tableRegions.primary);
  await takeLock(stateOn('recovery'), run.id, 'primary');
  await commit(stateOn('recovery'), run, 'recovery');
  const fence = await outwaited('workload');
  expect(fence).toMatchObject({ kind: 'lease' });
  const { lapsedAt } = fence as { lapsedAt: number };
  expect(customer.lastWrite()).toBeGreaterThan(lapsedAt - 20_000);
  expect(customer.lastWrite()).toBeLessThan(lapsedAt);
  const rows = await written();
  await pause(1000);
  expect(await written()).toBe(rows);

  // The other side's begins once the run has opened its database, and leaves one that is being promoted alone.
  const asked: string[] = [];
  const elsewhere = {
    ask: async ({ ask }: SqlRequest) => {
      asked.push(ask);
      const clock = { server: 1, started: 1, now: 1, guarded: true };
      return (ask === 'renew' ? { renewed: true, clock } : clock) as never;
    },
  };
  await holdLease({ ...guardOf('recovery'), sql: elsewhere }, wallClock.now());
  expect(asked).toEqual([]);
  await openUnderLease(
    { store: stateOn('recovery'), on: () => ({ sql: elsewhere }), workload: witnessed } as unknown as StepContext,
    'recovery',
    run.epoch,
  );
  await holdLease({ ...guardOf('recovery'), sql: elsewhere }, wallClock.now());
  expect(asked).toEqual(['clock', 'open', 'clock', 'renew']);

  // Back among the others, it learns that it isn't the active side any more; what it holds stays as it is.
  mend();
  await guarding;
  expect(said[0]).toMatchObject({ lease: 'not renewed' });
  expect(await written()).toBe(rows);
  await customer.stop();
}, 90_000);

test('a closed lease is renewed by no earlier epoch, whoever comes first; and the way home has one of its own', async () => {
  const store = stateOn('recovery', 'another');
  const lease = { seconds, guarded: true };
  expect(await closeLease(store, 'primary', 2)).toBeUndefined();
  expect(await renewLease(store, 'primary', { ...lease, epoch: 1 })).toBe(false);
  expect(await renewLease(stateOn('primary', 'another'), 'primary', { ...lease, epoch: 3 })).toBe(true);
  expect(await closeLease(store, 'primary', 4)).toEqual({ ...lease, epoch: 3 });
  expect(await closeLease(store, 'primary', 4)).toEqual({ ...lease, epoch: 3 });
  expect(await renewLease(stateOn('primary', 'another'), 'primary', { ...lease, epoch: 3 })).toBe(false);
});

test('where nobody was held to a lease nothing is waited for, and the run says that it has no more than a debt', async () => {
  expect(await outwaited('new')).toEqual({ kind: 'debt', why: 'no guard ever took a lease' });
  await renewLease(stateOn('primary', 'open'), 'primary', { epoch: 1, seconds: 90, guarded: false });
  expect(await outwaited('open')).toEqual({ kind: 'debt', why: "the primary database wasn't held to its lease" });
});

const stateOn = (side: Side, workload = 'workload') =>
  itemStore(wired.clients(tableRegions[side]), 'state', workload, wallClock);

const guardOf = (side: Side) => ({
  side,
  seconds,
  everySeconds: 1,
  store: stateOn(side),
  sql,
  clock: wallClock,
  say: (line: Record<string, unknown>) => void said.push(line),
});

/** The step, asked again and again, as the state machine does; answers what it found. */
async function outwaited(workload: string): Promise<unknown> {
  const facts = new Map<string, unknown>();
  const context = {
    store: stateOn('recovery', workload),
    clock: wallClock,
    run,
    remember: async (name: string, value: unknown) => void facts.set(name, value),
    recall: async (name: string) => facts.get(name),
  } as unknown as StepContext;
  for (;;) {
    try {
      await awaitLease.act?.(context);
      break;
    } catch (error) {
      if (!isNotYet(error)) throw error;
    }
    await pause(250);
  }
  return facts.get('fence');
}

/** Writes as fast as it can, on one session for as long as it has one. */
function startCustomer() {
  let over = false;
  let failed = 0;
  let last = 0;
  let session: Connection | undefined;
  const work = async () => {
    while (!over) {
      try {
        session ??= await connected(application);
        await session.query('INSERT INTO photos.photo VALUES ()');
        last = Date.now();
      } catch {
        failed++;
        session?.destroy();
        session = undefined;
      }
      await pause(20);
    }
  };
  const working = work();
  return {
    failed: () => failed,
    lastWrite: () => last,
    async stop() {
      over = true;
      await working;
      session?.destroy();
    },
  };
}

const written = async () => Number((await asOwner('SELECT COUNT(*) AS n FROM photos.photo'))[0]?.n);

const sql: Sql = {
  ask: async (request) => (await answer(asOwner, application, request as SqlRequest)) as never,
};

async function connected(as: { user: string; password: string }): Promise<Connection> {
  const connection = await createConnection({ ...database.endpoint, user: as.user, password: as.password });
  connection.on('error', () => {});
  return connection;
}

async function asOwner(statement: string, values: readonly unknown[] = []) {
  const connection = await connected(owner);
  try {
    const [rows] = await connection.query(statement, [...values]);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    connection.destroy();
  }
}
