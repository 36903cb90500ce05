// What the steps of an early cutover do in the moments a whole failover seldom meets.

import { beforeEach, expect, test } from 'vitest';
import { errorNames } from '../../src/kernel/errors.ts';
import { openReplica, promoteReplica, proveRecoveryWrite, resetRecoveryGroup } from '../../src/steps/open-early.ts';
import type { StepContext } from '../../src/steps/step.ts';

let now: number;
let replica: { stopped: boolean; received: string; drained: boolean } | undefined;
let readOnly: boolean;
let group: string | undefined;
let promoted: boolean;
let reachable: boolean;
let applies: boolean;
const facts = new Map<string, unknown>();
const calls: string[] = [];
beforeEach(() => {
  [now, readOnly, group, promoted, reachable, applies] = [0, true, undefined, false, true, true];
  replica = { stopped: true, received: '0-1-10', drained: true };
  facts.clear();
  calls.length = 0;
  facts.set('fence', { kind: 'lease', lapsedAt: 0 });
  facts.set('position', { executed: '0-1-10', received: '0-1-10', dialect: 'mariadb', version: '10.11' });
});

const seen = () => ({ executed: '0-1-10', dialect: 'mariadb', version: '10.11', readOnly, replica });

const context = {
  clock: { now: () => now },
  names: { database: 'db' },
  workload: { database: { backupRetention: 7 } },
  recall: async (name: string) => facts.get(name),
  remember: async (name: string, value: unknown) => void facts.set(name, value),
  on: () => ({
    sql: {
      ask: async ({ ask }: { ask: string }) => {
        if (!reachable) throw new Error('it restarts');
        if (ask === 'look') return seen();
        calls.push(ask);
        if (replica !== undefined) replica = { ...replica, stopped: true };
        return { detached: true, look: seen() };
      },
    },
    databaseGroup: {
      readOnly: async () => group,
      setReadOnly: async (value: string) => {
        calls.push(`read_only ${value}`);
        group = value;
        if (applies) readOnly = false;
      },
      reset: async () => {
        calls.push('reset');
        group = undefined;
      },
    },
    rds: {
      describe: async () => ({
        DBInstanceStatus: 'available',
        ...(promoted ? {} : { ReadReplicaSourceDBInstanceIdentifier: 'arn' }),
      }),
      promote: async () => {
        calls.push('promote');
      },
    },
  }),
} as unknown as StepContext;

const notYet = { name: errorNames['not-yet'] };

test('it is open when the server says so, and the parameter is set once', async () => {
  applies = false;
  await expect(openReplica.act?.(context)).rejects.toMatchObject(notYet);
  await expect(openReplica.act?.(context)).rejects.toMatchObject(notYet);
  readOnly = false;
  now = 15_000;
  await openReplica.act?.(context);
  expect(calls.filter((call) => call === 'read_only 0')).toHaveLength(1);
  expect(facts.get('opening')).toEqual({ at: 15_000 });
});

test('a parameter that never arrives keeps nobody from promoting', async () => {
  applies = false;
  await expect(openReplica.act?.(context)).rejects.toMatchObject(notYet);
  now = 90_000;
  await openReplica.act?.(context);
  expect(facts.get('opening')).toEqual({ closed: expect.stringContaining('within 90 s') });
});

test.each(['fence', 'position'])('without the fact %s nothing is opened', async (missing) => {
  facts.delete(missing);
  await openReplica.act?.(context);
  expect(calls).toEqual([]);
  expect(facts.get('opening')).toEqual({ closed: expect.any(String) });
});

test('nor with a debt where a lease was to be', async () => {
  facts.set('fence', { kind: 'debt' });
  await openReplica.act?.(context);
  expect(calls).toEqual([]);
});

test('an opened replica that replicates again is stopped, and what came is counted; it is promoted all the same', async () => {
  facts.set('opening', { at: 0 });
  replica = { stopped: false, received: '0-1-13', drained: true };
  await promoteReplica.act?.(context);
  expect(calls).toEqual(['detach', 'promote']);
  expect(facts.get('reattached')).toEqual({ at: 0, transactions: 3 });
});

test('one that restarts, or was left closed, is promoted as any other', async () => {
  facts.set('opening', { at: 0 });
  reachable = false;
  await promoteReplica.act?.(context);
  facts.set('opening', { closed: 'for a reason' });
  replica = { stopped: false, received: '0-1-13', drained: true };
  await promoteReplica.act?.(context);
  expect(calls).toEqual(['promote', 'promote']);
  expect(facts.has('reattached')).toBe(false);
});

test('a database that takes no write is for a person after five minutes, unless the promotion is what it waits for', async () => {
  reachable = false;
  const course = {
    orders: {},
    stepOrders: {},
    steps: { ProveRecoveryWrite: { step: 'ProveRecoveryWrite', firstAt: 0 } },
  };
  const asked = {
    ...context,
    course,
    event: { step: 'ProveRecoveryWrite' },
    run: { id: 'r', epoch: 2 },
  } as unknown as StepContext;
  now = 299_000;
  await expect(proveRecoveryWrite.act?.(asked)).rejects.toMatchObject(notYet);
  now = 300_000;
  await expect(proveRecoveryWrite.act?.(asked)).rejects.toMatchObject({ name: errorNames.terminal });
  facts.set('opening', { closed: 'for a reason' });
  await expect(proveRecoveryWrite.act?.(asked)).rejects.toMatchObject(notYet);
});

test('the parameter isn’t taken back from a database that would be closed by it', async () => {
  group = '0';
  await expect(resetRecoveryGroup.act?.(context)).rejects.toMatchObject({ name: errorNames.terminal });
  expect(calls).toEqual([]);
  promoted = true;
  await resetRecoveryGroup.act?.(context);
  expect(await resetRecoveryGroup.verify?.(context)).toBe(true);
  expect(calls).toEqual(['reset']);
});
