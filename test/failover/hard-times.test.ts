/** Failovers under Step Functions while everything is refused or killed again and again, not once: what adds up over a state's stay must not end a run. */

import { expect, test } from 'vitest';
import { endState } from '../support/failover/end-state.ts';
import type { Outcome } from '../support/failover/play.ts';
import { deployMachine, execute } from '../support/failover/play.ts';
import type { FailoverWorld } from '../support/failover/world.ts';
import { failoverWorld } from '../support/failover/world.ts';

async function played(trouble: (world: FailoverWorld) => Promise<() => Promise<unknown>>) {
  await using world = await failoverWorld({ lag: { receive: 100, apply: 500 } });
  await world.goDark('primary');
  const machine = await world.during(deployMachine(world, 'failover'));
  const pass = await world.during(trouble(world));
  const outcome: Outcome = await world.during(execute(world, machine, 'failover'), 3 * 3_600_000);
  await world.during(pass());
  await world.pass(120_000);
  const promotions = world.took.filter((call) => call.startsWith('rds.PromoteReadReplica')).length;
  return { outcome, promotions, points: world.processes.points, end: await endState(world) };
}

const right = {
  authority: { active: 'recovery', epoch: 2, holder: undefined },
  led: 'recovery',
  recovery: { role: 'active', database: { writable: true, heartbeatEpoch: 2 } },
  runs: [{ status: 'succeeded' }],
};

test('three of four invocations of functions are throttled: it ends once, and right', async () => {
  let invocations = 0;
  const { outcome, promotions, end } = await played(async (world) => {
    const { controlFunction } = world;
    world.controlFunction = (event) => {
      if (invocations++ % 4 === 3) return controlFunction(event);
      // As Step Functions names it.
      return Promise.reject(Object.assign(new Error('Rate Exceeded.'), { name: 'Lambda.TooManyRequestsException' }));
    };
    return async () => {};
  });
  expect(outcome, JSON.stringify(outcome)).toHaveProperty('run');
  expect(invocations).toBeGreaterThan(50);
  expect(promotions).toBe(1);
  expect(end).toMatchObject(right);
}, 120_000);

test('every other asking of each step is killed at another of its calls: it ends once, and right', async () => {
  let killed = 0;
  const { outcome, promotions, points, end } = await played(async (world) => {
    const seen = new Map<string, number>();
    world.processes.trouble = ({ asking, step }, when) => {
      if (when === 'before' || asking % 2 === 0) return undefined;
      const calls = (seen.get(`${step}#${asking}`) ?? 0) + 1;
      seen.set(`${step}#${asking}`, calls);
      if (calls !== 1 + (asking % 7)) return undefined;
      killed++;
      return { kill: 'asking' };
    };
    return async () => {
      world.processes.trouble = () => undefined;
    };
  });
  expect(outcome).toHaveProperty('run');
  expect(killed).toBeGreaterThan(new Set(points.map(({ step }) => step)).size);
  expect(promotions).toBe(1);
  expect(end).toMatchObject(right);
}, 120_000);
