/**
 * A move of the workload that is killed at its calls and statements, one after the other, and taken up again: it ends as if nothing had
 * happened, and nothing happened twice.
 *
 * A killed process has told nobody what it saw: killed after one change or before the next is the same. So the kills are after everything
 * that may have changed something, and before the first call: here after some of those, each in one of the two ways a run is carried out.
 * `npm run crashes` kills before and after every call, reads included, in both; `CRASHES=changes` leaves the reads out.
 */

import { inspect, isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { errorNames } from '../../src/kernel/errors.ts';
import type { Kill, Played, Story, Way } from '../support/failover/killed.ts';
import { changes, played, stories, telling } from '../support/failover/killed.ts';
import type { Point } from '../support/failover/processes.ts';

const extent = process.env.CRASHES;
const minutes = 60_000;
/** Of the kills so many are tried, evenly over the whole, and others in the other way. */
const tries = extent === undefined ? 4 : Number.POSITIVE_INFINITY;
const turn: Readonly<Record<Way, number>> = { 'state machine': 0, laptops: 0.5 };

function killsAt(points: readonly Point[]): Kill[] {
  const [first] = points;
  if (first === undefined) return [];
  if (extent === 'all')
    return points.flatMap(({ name: point }) => (['before', 'after'] as const).map((when) => ({ point, when })));
  return [{ point: first.name, when: 'before' }, ...points.filter(changes).map(kill)];
}
const kill = ({ name: point }: Point): Kill => ({ point, when: 'after' });

const early = [
  'AwaitFence',
  'DetachReplica',
  'OpenReplica',
  'PromoteReplica',
  'ProveRecoveryWrite',
  'ResetRecoveryGroup',
];

/** Everything in which a run that was killed once differs from the one that wasn't. */
function differences(story: Story, killed: Played, whole: Played): object {
  const { outcome, end, effects, overwritten } = killed;
  // The next laptop finds everything done when the one before died in its last breath.
  const done =
    'run' in whole.outcome
      ? 'run' in outcome || /is already the active one/.test(outcome.message)
      : 'error' in outcome && outcome.error === whole.outcome.error;
  return {
    killed: killed.killed,
    both: killed.both,
    outcome: done ? 'converged' : outcome,
    overwritten,
    effects: JSON.stringify(effects) === JSON.stringify(whole.effects) ? 'once' : effects,
    end: told(story, end),
  };
}

/** Which of several steps at a time was the first to hear of an order, and what the others had noted by then, is as it may be. */
const told = ({ abortAt }: Story, end: Played['end']): object =>
  abortAt === undefined ? end : { ...end, runs: end.runs.map(({ plan, status, epoch }) => ({ plan, status, epoch })) };

async function survives(way: Way, story: Story, wanted: (point: Point) => boolean = () => true): Promise<void> {
  const whole = await played(way, story);
  expect(whole.outcome).toMatchObject(
    story.abortAt === undefined ? { run: expect.anything() } : { error: errorNames.aborted },
  );
  expect(whole.both).toBe(0);
  const all = killsAt(telling(whole.points).filter(wanted));
  const every = Math.max(1, Math.floor(all.length / tries));
  const kills = all.filter((_, index) => index % every === Math.floor(turn[way] * every));
  expect(kills.length).toBeGreaterThan(1);
  const same = {
    killed: 1,
    both: 0,
    outcome: 'converged',
    overwritten: [],
    effects: 'once',
    end: told(story, whole.end),
  };
  for (const [index, one] of kills.entries()) {
    const differs = differences(story, await played(way, story, one), whole);
    // Hundreds of them take hours: what was found must not wait for the last.
    if (extent !== undefined) {
      const says = isDeepStrictEqual(differs, same) ? 'converged' : inspect(differs, { depth: 9 });
      process.stderr.write(`${index + 1} of ${kills.length} killed ${one.when} ${one.point}: ${says}\n`);
    }
    expect.soft(differs, `killed ${one.when} ${one.point}`).toEqual(same);
  }
}

// On laptops the next one would begin the move anew, which nobody has told to stop.
test('a switchover that is told to stop while it drains is taken back, killed at any change', {
  timeout: 300 * minutes,
}, async () => {
  await survives('state machine', stories.abandoned);
});

describe.each(['state machine', 'laptops'] as const)('carried out by a %s, killed at any change', (way) => {
  const limit = 300 * minutes;
  test('a failover out of a dark Region converges', () => survives(way, stories.dark), limit);
  test('a failover that fences a Region it can reach converges', { timeout: limit }, () =>
    survives(way, stories.reachable, ({ step }) => extent !== undefined || step === 'FencePrimary'),
  );
  test('a failover that opens the replica before it is promoted converges', { timeout: limit }, () =>
    survives(way, stories.early, ({ step }) => extent !== undefined || early.includes(step)),
  );
  test('a switchover converges', () => survives(way, stories.planned), limit);
  test('a failback converges', () => survives(way, stories.home), limit);
});
