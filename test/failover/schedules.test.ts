/** Failovers through whatever AWS does to them, drawn at random: throttles, errors, silence, kills, the primary coming back. The invariants hold. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sleep } from '../../src/kernel/clock.ts';
import { isOwed, readDebt } from '../../src/state/debts.ts';
import { payFences } from '../../src/upkeep/pay-fences.ts';
import { endState } from '../support/failover/end-state.ts';
import { onLaptops } from '../support/failover/play.ts';
import type { Trouble, When } from '../support/failover/processes.ts';
import type { FailoverWorld } from '../support/failover/world.ts';
import { failoverWorld } from '../support/failover/world.ts';

const schedules = Number(process.env.SCHEDULES ?? 5);

const failing = (name: string, message: string, httpStatusCode: number): Trouble => ({
  fail: Object.assign(new Error(message), { name, $metadata: { httpStatusCode } }),
});
const troubles: Readonly<Record<string, Trouble>> = {
  throttle: failing('ThrottlingException', 'Rate exceeded', 400),
  error: failing('InternalServerError', 'Internal server error', 500),
  silence: failing('TimeoutError', 'no answer', 0),
  kill: { kill: 'process' },
};

interface Schedule {
  readonly seed: number;
  readonly troubles: readonly { readonly call: number; readonly when: When; readonly what: string }[];
  readonly primary: string;
  readonly returnsAfter: number;
}

const schedule: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  /** At which calls of the run something happens. */
  troubles: fc.array(
    fc.record({
      call: fc.integer({ min: 1, max: 260 }),
      when: fc.constantFrom<When>('before', 'after'),
      what: fc.constantFrom(...Object.keys(troubles)),
    }),
    { maxLength: 8 },
  ),
  primary: fc.constantFrom('dark', 'reachable', 'returns'),
  returnsAfter: fc.integer({ min: 0, max: 60 }),
});

test('no schedule of failures loses a write, tears the workload in two, or leaves a run without an end', async () => {
  await fc.assert(fc.asyncProperty(schedule, holds), { numRuns: schedules, seed: 20261128, endOnFailure: true });
}, 1_200_000);

async function holds({ seed, troubles: planned, primary, returnsAfter }: Schedule): Promise<void> {
  await using world = await failoverWorld({ seed });
  const acknowledged: { id: string; gtid: string }[] = [];
  const write = async (id: string) => {
    const took = await world.customerWrites(id);
    if (took !== undefined) acknowledged.push({ id, gtid: took.gtid });
    return took?.side;
  };
  for (let second = 0; second < 5; second++) {
    await write(`before-${second}`);
    await world.pass(400);
  }
  if (primary !== 'reachable') await world.goDark('primary');
  let calls = 0;
  const left = [...planned];
  world.processes.trouble = (_, when) => {
    if (when === 'before') calls += 1;
    const index = left.findIndex((one) => one.call === calls && one.when === when);
    const [found] = index === -1 ? [] : left.splice(index, 1);
    return troubles[found?.what ?? ''];
  };
  const back = (async () => {
    if (primary !== 'returns') return;
    await sleep(world.clock, 1000 * returnsAfter);
    await world.comeBack('primary');
  })();
  const { outcome } = await world.during(onLaptops(world, 'failover'), 6 * 3_600_000);
  await world.during(back);
  world.processes.trouble = () => undefined;
  const message = 'run' in outcome ? '' : outcome.message;
  // A run that ended before it had committed changed nothing, and is simply run again.
  if (!('run' in outcome) && !/already the active one/.test(message))
    expect((await world.during(onLaptops(world, 'failover'), 6 * 3_600_000)).outcome, message).toHaveProperty('run');
  expect(await write('after')).toBe('recovery');
  await fenced(world, primary);
  await invariants(world, acknowledged);
}

/** Upkeep pays what is owed as soon as the old primary can be reached. */
async function fenced(world: FailoverWorld, primary: string): Promise<void> {
  if (primary === 'dark') await world.comeBack('primary');
  const { base, clock } = world;
  for (let minute = 0; minute < 20 && isOwed(await world.during(readDebt(base.store, 'primary'))); minute++)
    await world.during(payFences(base, clock.now() + 55_000, () => {}));
  await world.pass(120_000);
}

async function invariants(world: FailoverWorld, acknowledged: readonly { id: string; gtid: string }[]): Promise<void> {
  const end = await endState(world);
  // 1: one side is routed to, and the other can't write.
  expect(end).toMatchObject({
    led: 'recovery',
    authority: { active: 'recovery', epoch: 2, holder: undefined },
    debt: { paid: true },
    primary: { role: 'fenced', ingress: 0, database: { writable: false } },
    recovery: { role: 'active', database: { writable: true, heartbeatEpoch: 2 } },
  });
  // 2: nothing that may hold data was deleted or renamed. The promoted database gets its second zone.
  expect(world.took.filter((call) => /Delete|ModifyDBInstance us-east-1|Terminate/.test(call))).toEqual([]);
  expect(end.recovery.databases.map(({ id }) => id)).toEqual([world.base.names.database]);
  // 3: what isn't in the active database is beyond the position the ledger compares with.
  const position = world.remembered.get('position')?.[0] as { executed: string } | undefined;
  const reached = Number(position?.executed.split('-')[2]);
  const active = world.database('recovery');
  for (const { id, gtid } of acknowledged)
    expect(active?.holds(id) === true || Number(gtid.split('-')[2]) > reached, `${id} ${gtid}`).toBe(true);
  // 4: every run ended in a state with a name, and the last one succeeded.
  expect(end.runs.map(({ status }) => status)).not.toContain('running');
  expect(end.runs.at(-1)?.status).toBe('succeeded');
}
