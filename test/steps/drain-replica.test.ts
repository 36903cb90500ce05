import { beforeEach, describe, expect, test } from 'vitest';
import { errorNames } from '../../src/kernel/errors.ts';
import { drainReplica } from '../../src/steps/database.ts';
import type { StepContext } from '../../src/steps/step.ts';

let now: number;
let received: number;
let applied: number;
let error: string | undefined;
let accepted: { acceptLoss?: boolean; trigger: { approval?: { id: string } } };
let policy: unknown;
const facts = new Map<string, unknown>();
beforeEach(() => {
  [now, received, applied, error] = [0, 10, 5, undefined];
  accepted = { trigger: {} };
  policy = 'automatic';
  facts.clear();
});

const ask = async (request: { ask: string; set?: string }) =>
  request.ask === 'contains'
    ? { contains: applied >= Number(request.set) }
    : {
        executed: String(applied),
        dialect: 'mariadb',
        version: '10.11',
        replica: { received: String(received), applied: String(applied), drained: applied >= received, error },
      };

const drain = () =>
  drainReplica.act?.({
    clock: { now: () => now },
    run: { id: 'r1' },
    workload: { policy, watch: { agreeing: 3 } },
    store: {
      get: async (item: string) => (item.startsWith('run#') ? accepted : { accepts: ['replica-broken'] }),
    },
    on: () => ({ sql: { ask } }),
    recall: async (name: string) => facts.get(name),
    remember: async (name: string, value: unknown) => void facts.set(name, value),
  } as unknown as StepContext);

const notYet = { name: errorNames['not-yet'] };

test('everything that was received is applied, and what that is is recorded', async () => {
  await expect(drain()).rejects.toMatchObject(notYet);
  applied = 10;
  await drain();
  expect(facts.get('position')).toMatchObject({ executed: '10', received: '10' });
});

test('a primary that goes on writing does not hold the failover up once it had the time to be fenced', async () => {
  for (; now < 30_000; now += 2000) {
    [received, applied] = [received + 3, applied + 3];
    await expect(drain()).rejects.toMatchObject(notYet);
  }
  await drain();
  expect(facts.get('position')).toMatchObject({ executed: String(applied) });
});

test('what had arrived at first is waited for as long as it takes', async () => {
  await expect(drain()).rejects.toMatchObject(notYet);
  now = 120_000;
  applied = 9;
  await expect(drain()).rejects.toMatchObject(notYet);
});

describe('a replica that can not apply what it received', () => {
  beforeEach(() => {
    error = 'duplicate key';
  });

  test('is for a person', async () => {
    await expect(drain()).rejects.toMatchObject({ name: errorNames.terminal });
    expect(facts.size).toBe(0);
  });

  test.each([
    ['the policy proceeds', { policy: { trigger: 'automatic', replicaBroken: 'proceed' } }],
    ['a person said --accept-loss', { accepted: { acceptLoss: true, trigger: {} } }],
    ['a person was asked about it, and approved', { accepted: { trigger: { approval: { id: 'a1' } } } }],
  ] as [string, { accepted?: typeof accepted; policy?: unknown }][])(
    'is promoted as it is where %s',
    async (_, given) => {
      accepted = given.accepted ?? accepted;
      policy = given.policy ?? policy;
      await drain();
      expect(facts.get('position')).toMatchObject({ executed: '5', received: '10' });
    },
  );
});
