/**
 * A failover that is killed at its calls and statements, one after the other, and taken up again: it ends as if nothing had happened,
 * and nothing happened twice.
 *
 * A killed process has told nobody what it saw: killed after one change or before the next is the same. So the kills are after everything
 * that may have changed something, and before the first call: here after every second of those, each in one of the two ways a run is carried
 * out. `npm run crashes` kills before and after every call, reads included, in both.
 */

import { describe, expect, test } from 'vitest';
import type { Kill, Played, Way } from '../support/failover/killed.ts';
import { changes, playedFailover, telling } from '../support/failover/killed.ts';
import type { Point } from '../support/failover/processes.ts';

const all = process.env.CRASHES === 'all';
const minutes = 60_000;

function killsAt(points: readonly Point[]): Kill[] {
  const [first] = points;
  if (first === undefined) return [];
  if (all) return points.flatMap(({ name: point }) => (['before', 'after'] as const).map((when) => ({ point, when })));
  return [{ point: first.name, when: 'before' }, ...points.filter(changes).map(kill)];
}
const kill = ({ name: point }: Point): Kill => ({ point, when: 'after' });

const turn: Readonly<Record<Way, number>> = { 'state machine': 0, laptops: 2 };

/** Everything in which a run that was killed once differs from the one that wasn't. */
function differences(killed: Played, whole: Played): object {
  const { outcome, end, effects, overwritten } = killed;
  // The next laptop finds everything done when the one before died in its last breath.
  const done = 'run' in outcome || /is already the active one/.test(outcome.message);
  return {
    killed: killed.killed,
    outcome: done ? 'converged' : outcome,
    overwritten,
    effects: JSON.stringify(effects) === JSON.stringify(whole.effects) ? 'once' : effects,
    end,
  };
}

async function survives(way: Way, primary: 'dark' | 'reachable', wanted: (point: Point) => boolean): Promise<void> {
  const whole = await playedFailover(way, primary);
  expect(whole.outcome).toHaveProperty('run');
  expect(Object.values(whole.effects)).toEqual(Object.values(whole.effects).map(() => 1));
  const kills = killsAt(telling(whole.points).filter(wanted)).filter((_, index) => all || index % 4 === turn[way]);
  expect(kills.length).toBeGreaterThan(2);
  const same = { killed: 1, outcome: 'converged', overwritten: [], effects: 'once', end: whole.end };
  for (const one of kills) {
    const killed = await playedFailover(way, primary, one);
    expect(differences(killed, whole), `killed ${one.when} ${one.point}`).toEqual(same);
  }
}

describe('a failover out of a dark Region converges', () => {
  test('when any function is killed at any change', () => survives('state machine', 'dark', () => true), 20 * minutes);
  test('when the runner is killed at any change', () => survives('laptops', 'dark', () => true), 20 * minutes);
});

describe('a failover that fences a Region it can reach converges', () => {
  const fences = ({ step }: Point) => all || step === 'FencePrimary';
  test('when a function is killed', () => survives('state machine', 'reachable', fences), 20 * minutes);
  test('when the runner is killed', () => survives('laptops', 'reachable', fences), 20 * minutes);
});
