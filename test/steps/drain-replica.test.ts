import { beforeEach, expect, test } from 'vitest';
import { errorNames } from '../../src/kernel/errors.ts';
import { drainReplica } from '../../src/steps/database.ts';
import type { StepContext } from '../../src/steps/step.ts';

let now: number;
let received: number;
let applied: number;
let error: string | undefined;
const facts = new Map<string, unknown>();
beforeEach(() => {
  [now, received, applied, error] = [0, 10, 5, undefined];
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

test('a replica that can not apply what it received is for a person', async () => {
  error = 'duplicate key';
  await expect(drain()).rejects.toMatchObject({ name: errorNames.terminal });
});
