/** A plan before it is run, with a step of the workload's own in it. */

import { expect, test } from 'vitest';
import { forecastText, spanText } from '../../src/cli/plan.ts';
import type { ForecastNode, ForecastStep } from '../../src/plan/forecast.ts';
import { forecastOf } from '../../src/plan/forecast.ts';
import { planNames, stepsOf } from '../../src/plan/graph.ts';
import { planOf } from '../../src/plan/plans.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

const workload = parseWorkload({
  name: 'photos',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
  functions: { warm: { entry: 'warm.ts' }, thumbnail: { entry: 'a.ts', queue: 'uploads' } },
  steps: { warm: { function: 'warm', after: 'ProveRecoveryWrite', does: 'fill the cache', deadlineSeconds: 600 } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
});

const all = (node: ForecastNode): ForecastStep[] => {
  if ('step' in node) return [node];
  return ('branches' in node ? node.branches : node).flatMap(all);
};

test("has every step of the plan in its order, the workload's own among them", () => {
  for (const name of planNames) {
    const { root } = forecastOf(workload, name);
    expect(all(root).map(({ step }) => step)).toEqual(stepsOf(planOf(workload, name).root));
  }
  const own = all(forecastOf(workload, 'failover').root).find(({ step }) => step === 'Custom-warm');
  expect(own).toMatchObject({
    does: 'fill the cache',
    own: { upTo: 600 },
    takes: { p50: 0, p95: 600 },
    critical: true,
  });
});

test('what a run waits for decides it: steps begin when those before them are done, and the last one ends the whole', () => {
  const { criticalPath, root, takes } = forecastOf(workload, 'failover');
  const steps = all(root);
  const at = (name: string) => steps.find(({ step }) => step === name);
  expect(criticalPath).toContain('PromoteReplica');
  expect(criticalPath).not.toContain('ScaleOutRecovery');
  expect(at('ScaleOutRecovery')?.begins).toEqual(at('FencePrimary')?.begins);
  const promoted = (at('PromoteReplica')?.begins.p50 ?? 0) + 300;
  expect(at('ProveRecoveryWrite')?.begins.p50).toBeCloseTo(promoted);
  const last = steps.at(-1);
  expect(last?.begins.p50).toBeCloseTo(takes.p50 - (last?.takes.p50 ?? 0));
  // The promotion, the workload's own step and the sources, each at its worst.
  expect(takes.p95).toBeGreaterThan(1200 + 600 + 90);
});

test('a database of 100 GB takes longer to bring home, and a lease is waited out beside the promotion', () => {
  const big = { ...workload, database: { ...workload.database, storage: 100 } };
  const home = (of: typeof workload) => forecastOf(of, 'failback').takes.p50;
  expect(home(big) - home(workload)).toBeCloseTo(2 * 1800);
  const leased = { ...workload, witness: { region: 'us-east-2' as const }, fence: { leaseSeconds: 900 } };
  expect(forecastOf(leased, 'failover').criticalPath).toContain('AwaitLease');
});

test('as text: a line for each step, the critical ones marked, what is unknown said so', () => {
  const text = forecastText('dev-photos', forecastOf(workload, 'failover')).join('\n');
  expect(text).toMatch(/^failover of dev-photos, version \d+: the primary Region is gone/);
  expect(text).toMatch(/\* +0\.\d s +5 min 00 s +20 min +PromoteReplica +\(no way back\) promote the recovery replica/);
  expect(text).toMatch(/unknown +10 min +Custom-warm +\(your own\) fill the cache/);
  expect(text).toMatch(/\n {3} +0\.\d s +2 min 23 s .*- ScaleOutRecovery/);
});

test.each([
  [0.05, '0.1 s'],
  [59.4, '59 s'],
  [315, '5 min 15 s'],
  [1200, '20 min'],
  [3780, '1 h 03 min'],
])('%d seconds are %s', (seconds, says) => {
  expect(spanText(seconds)).toBe(says);
});
