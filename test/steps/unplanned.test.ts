import { expect, test } from 'vitest';
import type { Order } from '../../src/state/course.ts';
import { steps } from '../../src/steps/registry.ts';
import type { Step, StepContext } from '../../src/steps/step.ts';

/** The primary Region answers nothing; the replica has applied all that it received. */
function context(unplanned: Order | undefined) {
  const facts = new Map<string, unknown>();
  const look = {
    executed: '7',
    dialect: 'mariadb',
    version: '10.11',
    replica: { received: '7', applied: '7', drained: true },
  };
  const of = {
    course: { orders: unplanned === undefined ? {} : { unplanned }, stepOrders: {}, steps: {} },
    workload: { buckets: ['photos'], functions: {} },
    names: { bucket: () => 'photos', functionRules: [], controlFunction: () => 'f', roleParameter: '/role' },
    clock: { now: () => 1 },
    on: (side: string) => {
      if (side === 'primary') throw new Error('the primary Region does not answer');
      return { sql: { ask: async () => look } };
    },
    recall: async (name: string) => facts.get(name),
    remember: async (name: string, value: unknown) => void facts.set(name, value),
    store: { get: async () => undefined },
  } as unknown as StepContext;
  return { facts, of };
}

const askOnce = async (step: Step, of: StepContext) => {
  if ((await step.check?.(of)) === true) return;
  await step.act?.(of);
};

const waitsForPrimary = ['AwaitReplicaCaughtUp', 'QuiescePrimary', 'DrainReplicaFully', 'DrainPrimaryBuckets'] as const;
const gone: Order = { by: 'ann', why: 'it is gone', at: 1 };

test.each(waitsForPrimary)('%s asks the primary Region, and no more once the move is a failover', async (name) => {
  await expect(askOnce(steps[name], context(undefined).of)).rejects.toThrow(/does not answer/);
  await askOnce(steps[name], context(gone).of);
});

test('what the replica holds is recorded all the same: what was lost is looked for from there', async () => {
  const { facts, of } = context(gone);
  await askOnce(steps.DrainReplicaFully, of);
  expect(facts.get('position')).toMatchObject({ executed: '7', received: '7' });
});
