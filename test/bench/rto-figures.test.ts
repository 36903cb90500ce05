import { expect, it } from 'vitest';
import { isMet, render } from '../../bench/figures.ts';
import { figuresOf } from '../../bench/rto-figures.ts';

const least = (plan: number) => ({
  detection: 48,
  detectionIs: 'the verdict',
  plan,
  steps: [{ step: 'PromoteReplica' as const, seconds: plan }],
  total: 48 + plan,
});
const ours = (decided: number, resolved: number) => ({
  decided,
  writable: resolved,
  serving: resolved,
  resolved,
  ended: resolved + 30,
  speed: 5,
  outcome: 'passed',
  failures: [],
});
const baseline = {
  startedAt: 50,
  endedAt: 500,
  serving: 600,
  resolved: 650,
  states: [],
  statuses: [],
  ignored: [],
  speed: 5,
};

it('holds both cutovers against their goals, and the baseline started when each had decided', () => {
  const figures = figuresOf(
    [
      { cutover: 'promote', ours: ours(50, 390), least: least(332) },
      { cutover: 'open-early', ours: ours(40, 215), least: least(143) },
    ],
    baseline,
  );
  // The baseline takes 600 s once it is started, and is told of the outage by AWS Health after 900 s.
  expect(figures.goals.map((goal) => [goal.what, goal.measured, isMet(goal)])).toEqual([
    ['promote: outage to served writes', 390, true],
    ['promote: over the critical path', 2.6, true],
    ['promote: of the baseline’s time, our detection granted to it', 0.6, true],
    ['promote: of the baseline’s time, by its own trigger', 0.26, true],
    ['open-early: outage to served writes', 215, false],
    ['open-early: over the critical path', 12.6, false],
    ['open-early: of the baseline’s time, our detection granted to it', 0.34, true],
    ['open-early: of the baseline’s time, by its own trigger', 0.14, true],
  ]);
  expect(render(figures)).toContain('goal MISSED  open-early: outage to served writes: 215 s, to be at most 210 s');
});
