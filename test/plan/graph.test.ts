import { expect, test } from 'vitest';
import { functionSpecs } from '../../src/functions/contract.ts';
import type { StepName } from '../../src/plan/catalogue.ts';
import { catalogue, specOf } from '../../src/plan/catalogue.ts';
import { criticalPath, parallel, planNames, series, step, stepsOf } from '../../src/plan/graph.ts';
import { planOf } from '../../src/plan/plans.ts';
import { openingSteps, steps } from '../../src/steps/registry.ts';

const alone = { steps: {} };
const witnessed = { steps: {}, witness: { region: 'us-east-2' } } as const;
const early = { ...witnessed, database: { cutover: 'open-early' } } as const;
const plans = [alone, witnessed, early].flatMap((workload) => planNames.map((name) => planOf(workload, name)));

test('the critical path is the longest way through, not the sum', () => {
  const graph = series(
    step('OpenRun'),
    parallel('p', step('FlipLatchToRecovery'), series(step('PromoteReplica'), step('ProveRecoveryWrite'))),
    step('CloseRun'),
  );
  const cost = {
    OpenRun: 1,
    FlipLatchToRecovery: 90,
    PromoteReplica: 300,
    ProveRecoveryWrite: 2,
    CloseRun: 1,
  } as Partial<Record<StepName, number>>;
  expect(criticalPath(graph, (name) => cost[name] ?? 0)).toEqual({
    total: 304,
    steps: ['OpenRun', 'PromoteReplica', 'ProveRecoveryWrite', 'CloseRun'],
  });
});

test('every step of a plan stands in it once, and something carries it out', () => {
  for (const plan of plans) {
    const names = stepsOf(plan.root);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name in steps || (openingSteps as readonly string[]).includes(name)).toBe(true);
  }
});

test('the catalogue has no step that no plan uses', () => {
  const used = new Set(plans.flatMap(({ root }) => stepsOf(root)));
  expect(Object.keys(catalogue).filter((name) => !used.has(name as StepName))).toEqual([]);
});

test('steps run in functions that stand in the recovery Region: the recovery path needs nothing from the dead one', () => {
  for (const name of stepsOf(planOf(witnessed, 'failover').root)) {
    const spec = functionSpecs[specOf(name).function];
    expect(spec.handler).toBe('step');
    expect(spec.sides).toEqual(['recovery']);
  }
});

test('no function may both promote and delete a database', () => {
  for (const name of Object.keys(functionSpecs)) {
    const actions = (Object.keys(catalogue) as StepName[])
      .filter((one) => specOf(one).function === name)
      .flatMap((one) => specOf(one).uses.map(({ action }) => action));
    expect(actions).not.toContain('rds:DeleteDBInstance');
  }
});

test('the latch is not behind the promotion', () => {
  const { root } = planOf(witnessed, 'failover');
  const [move] = root.kind === 'series' ? root.nodes.filter(({ kind }) => kind === 'parallel') : [];
  const branch =
    move?.kind === 'parallel' ? move.branches.find((one) => stepsOf(one).includes('FlipLatchToRecovery')) : undefined;
  expect(branch && stepsOf(branch)).toEqual(['FlipLatchToRecovery']);
});

test('with a witness the lease is outlasted before anything is written, and beside the promotion: it costs no time while it is the shorter', () => {
  const { root } = planOf(witnessed, 'failover');
  const order = stepsOf(root);
  expect(order.indexOf('CommitRecovery')).toBeLessThan(order.indexOf('AwaitLease'));
  expect(order.indexOf('AwaitLease')).toBeLessThan(order.indexOf('ProveRecoveryWrite'));
  const cost = (lease: number) => (name: StepName) =>
    name === 'PromoteReplica' ? 300 : name === 'AwaitLease' ? lease : 1;
  const total = (lease: number) => criticalPath(root, cost(lease)).total;
  expect(total(100)).toBe(criticalPath(planOf(alone, 'failover').root, cost(100)).total);
  expect(total(400)).toBe(total(100) + 99);
});

test('opened early, nothing is written before the primary can write no more and what is held is recorded; it is promoted beside the customers', () => {
  const { root } = planOf(early, 'failover');
  const order = stepsOf(root);
  const inTurn = ['CommitRecovery', 'AwaitFence', 'DetachReplica', 'OpenReplica', 'ProveRecoveryWrite'] as const;
  expect([...inTurn].sort((one, other) => order.indexOf(one) - order.indexOf(other))).toEqual(inTurn);
  const waitedFor = (slow: StepName) =>
    criticalPath(root, (one) => (one === slow ? 500 : 1)).steps.includes('ProveRecoveryWrite');
  // However long the promotion takes, and a fence that can't be raised: nobody waits for them to write.
  expect(waitedFor('PromoteReplica') || waitedFor('FencePrimary')).toBe(false);
  expect(waitedFor('OpenReplica')).toBe(true);
  const inTheEnd = ['ResetRecoveryGroup', 'VerifyRecovery', 'ProtectRecovery', 'ReleaseSecrets', 'CloseRun'];
  expect(order.slice(-5)).toEqual(inTheEnd);
  expect(order).not.toContain('DrainReplica');
});

test('a planned move promotes as ever: both sides are there, and nothing is gained', () => {
  for (const name of ['switchover', 'failback'] as const) expect(planOf(early, name)).toEqual(planOf(witnessed, name));
});
