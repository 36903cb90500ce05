/** Failovers that open the replica before it is promoted: who may write at each moment, what is recorded, and what isn't opened. */

import { expect, test } from 'vitest';
import { sleep } from '../../src/kernel/clock.ts';
import { giveStepOrder, readCourse } from '../../src/state/course.ts';
import { renewLease } from '../../src/state/leases.ts';
import { listRuns, readFacts } from '../../src/state/runs.ts';
import { endState } from '../support/failover/end-state.ts';
import { openedEarly, played, stories } from '../support/failover/killed.ts';
import { onLaptops } from '../support/failover/play.ts';
import type { FailoverWorld } from '../support/failover/world.ts';
import { failoverWorld } from '../support/failover/world.ts';

const minute = 60_000;

interface Facts {
  readonly fence: { kind: string; lapsedAt: number; at: number };
  readonly position: { executed: string };
  readonly opening: { at: number; closed: string };
  readonly writable: { at: number };
  readonly reattached?: { transactions: number };
}

async function factsOf({ base }: FailoverWorld): Promise<{ id: string; facts: Facts }> {
  const [run] = await listRuns(base.store);
  return { id: run?.id ?? '', facts: (await readFacts(base.store, run?.id ?? '')) as unknown as Facts };
}

/** A world that is looked at whenever its clock moves. */
async function watched(config: Parameters<typeof failoverWorld>[0] = {}) {
  const both: number[] = [];
  const world = await failoverWorld({
    config: openedEarly,
    lag: { receive: 100, apply: 500 },
    ...config,
    watch: (seen) => {
      if (seen.writable('primary') && seen.writable('recovery')) both.push(seen.clock.now());
    },
  });
  return { world, both };
}

const isReplica = async (world: FailoverWorld): Promise<boolean> =>
  (await endState(world)).recovery.databases.some(({ source }) => source !== undefined);

test('out of a dark Region: once the lease is over, before the promotion; what customers write meanwhile outlives it', async () => {
  const { world, both } = await watched();
  await using _ = world;
  await world.during(world.customerWrites('before'));
  await world.pass(2000);
  await world.goDark('primary');
  const dark = world.clock.now();
  let early: string | undefined;
  const customers = (async () => {
    for (let n = 0; early === undefined && n < 600; n++) {
      await sleep(world.clock, 1000);
      early = (await world.customerWrites(`early-${n}`))?.side === 'recovery' ? `early-${n}` : undefined;
    }
    return isReplica(world);
  })();
  const { outcome } = await world.during(onLaptops(world, 'failover'));
  expect(outcome).toHaveProperty('run');
  // Acknowledged while the database was still a replica.
  expect(await world.during(customers)).toBe(true);
  const { facts } = await world.during(factsOf(world));
  expect(facts.fence.kind).toBe('lease');
  expect(facts.fence.lapsedAt - dark).toBeGreaterThan(75_000);
  expect(facts.opening.at).toBeGreaterThanOrEqual(facts.fence.lapsedAt);
  expect(facts.writable.at).toBeGreaterThanOrEqual(facts.opening.at);
  expect(world.database('recovery')?.holds('before')).toBe(true);
  expect(world.database('recovery')?.holds(early ?? '')).toBe(true);
  // What the ledger compares with is the old primary's history alone.
  expect(facts.position.executed).toMatch(new RegExp(`^0-${world.database('primary')?.identity.serverId}-`));
  expect(facts.reattached).toBeUndefined();
  expect(both).toEqual([]);
  // Nothing of the opening is left for the next deployment, or for a replica built with the group.
  expect((await world.during(endState(world))).recovery).toMatchObject({
    parameters: [],
    database: { readOnly: false, writable: true },
  });
}, 120_000);

test('a primary that can be reached is fenced: its lease needn’t be waited for', async () => {
  const { world, both } = await watched();
  await using _ = world;
  const began = world.clock.now();
  const { outcome } = await world.during(onLaptops(world, 'failover'));
  expect(outcome).toHaveProperty('run');
  const { facts } = await world.during(factsOf(world));
  expect(facts.fence.kind).toBe('fenced');
  expect(facts.opening.at - began).toBeLessThan(75_000);
  expect(both).toEqual([]);
}, 120_000);

test('where nothing says that the primary can write no more, a person is waited for; told not to wait, it promotes and opens nothing early', async () => {
  const { world, both } = await watched();
  await using _ = world;
  // The database was last known to let its application in without a lease; and nothing reaches it.
  const { base, clock } = world;
  await world.during(renewLease(base.store, 'primary', { epoch: 1, seconds: 75, guarded: false }));
  await world.goDark('primary');
  const run = onLaptops(world, 'failover');
  const person = (async () => {
    for (;;) {
      await sleep(clock, 1000);
      const { id } = await factsOf(world);
      const { steps } = id === '' ? { steps: {} as Record<string, undefined> } : await readCourse(base.store, id);
      const held = (steps as Awaited<ReturnType<typeof readCourse>>['steps']).AwaitFence?.held;
      if (held === undefined) continue;
      await sleep(clock, 5 * minute);
      const still = { readOnly: world.database('recovery')?.readOnly, replica: await isReplica(world) };
      await giveStepOrder(base.store, id, 'AwaitFence', 'skip', { by: 'ann', why: 'it is off', at: clock.now() });
      return { error: held.error, ...still };
    }
  })();
  const { outcome } = await world.during(run);
  expect(await world.during(person)).toEqual({
    error: expect.stringMatching(/primary can write no more: .*wasn't held to its lease.*stays closed/),
    readOnly: true,
    replica: true,
  });
  expect(outcome).toHaveProperty('run');
  const { facts } = await world.during(factsOf(world));
  expect(facts.opening).toEqual({ closed: 'nothing says that the primary can write no more' });
  expect(both).toEqual([]);
  const end = await world.during(endState(world));
  expect(world.took.filter((call) => call.startsWith('rds.ModifyDBParameterGroup'))).toEqual([]);
  expect(end.recovery.database.writable).toBe(true);
}, 120_000);

test('the way home from it, and a new replica, are as after any failover', async () => {
  const { both, end, outcome } = await played('laptops', { ...stories.home, config: openedEarly });
  expect(outcome).toHaveProperty('run');
  expect(both).toBe(0);
  expect(end).toMatchObject({
    authority: { active: 'primary', epoch: 3, holder: undefined },
    led: 'primary',
    primary: { database: { writable: true, heartbeatEpoch: 3 }, parameters: [] },
    recovery: { database: { writable: false, readOnly: true }, parameters: [] },
  });
}, 120_000);
