/** Two runners of one plan at the same time, their calls interleaved at random: one of them acts, the other is told why it may not. */

import { expect, test } from 'vitest';
import { sleep } from '../../src/kernel/clock.ts';
import { seededRandom } from '../../src/kernel/ids.ts';
import { endState } from '../support/failover/end-state.ts';
import type { Outcome } from '../support/failover/play.ts';
import { breakGlass, deployMachine, execute } from '../support/failover/play.ts';
import { failoverWorld } from '../support/failover/world.ts';

const seeds = Number(process.env.SEEDS ?? 3);
const refused =
  /is under way already|was taken over by another execution|is carried out by|holds the lock|doesn't hold the lock|already the active one/;

async function race(seed: number, other: 'laptop' | 'state machine') {
  await using world = await failoverWorld({ seed, lag: { receive: 100, apply: 500 } });
  await world.goDark('primary');
  const random = seededRandom(seed);
  const { base, processes } = world;
  // Statements go one by one within a call: as slow as this, it would never be answered.
  processes.pace = ({ call }) =>
    !call.startsWith('sql') && random.next() < 0.3 ? sleep(base.clock, Math.floor(random.next() * 4000)) : undefined;
  const machine = await world.during(deployMachine(world, 'failover'));
  const first = breakGlass(world, 'failover', 'one').outcome;
  const second = (async (): Promise<Outcome> => {
    await sleep(base.clock, Math.floor(random.next() * 40_000));
    return other === 'laptop' ? breakGlass(world, 'failover', 'two').outcome : execute(world, machine, 'two');
  })();
  const outcomes = await world.during(Promise.all([first, second]), 3 * 3_600_000);
  await world.pass(120_000);
  const promotions = world.took.filter((call) => call.startsWith('rds.PromoteReadReplica')).length;
  const resized = world.took.filter((call) => call.startsWith('autoscaling.UpdateAutoScalingGroup')).length;
  return { outcomes, promotions, resized, end: await endState(world) };
}

for (const other of ['laptop', 'state machine'] as const) {
  test(`a laptop and a ${other}: one carries the failover out, the other is refused in a sentence`, async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const { outcomes, promotions, resized, end } = await race(seed, other);
      const losers = outcomes.flatMap((one) => ('run' in one ? [] : [one.message]));
      expect(losers, `seed ${seed}`).toEqual([expect.stringMatching(refused)]);
      expect({ promotions, resized }, `seed ${seed}`).toEqual({ promotions: 1, resized: 1 });
      expect(end, `seed ${seed}`).toMatchObject({
        authority: { active: 'recovery', epoch: 2, holder: undefined },
        led: 'recovery',
        recovery: { database: { writable: true, heartbeatEpoch: 2 }, launched: 2 },
      });
      expect(
        end.runs.map(({ status }) => status),
        `seed ${seed}`,
      ).toEqual(['succeeded']);
    }
  }, 600_000);
}
