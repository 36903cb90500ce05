/** A status of a deployed workload as it goes through an outage: the real services on a virtual clock, with a Region silent. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { concernsOf, type Known } from '../../src/cli/status/concerns.ts';
import { answerOf, observe } from '../../src/cli/status/observe.ts';
import { spanOf } from '../../src/cli/status/spans.ts';
import { statusText } from '../../src/cli/status/text.ts';
import type { Base } from '../../src/engines/base.ts';
import { withLook } from '../../src/plan/memory.ts';
import { observers } from '../../src/plan/world.ts';
import { makeRequest } from '../../src/state/approvals.ts';
import { putBrakeOn, takeBrakeOff } from '../../src/state/brake.ts';
import { writeCapacity } from '../../src/state/capacity.ts';
import { giveOrder, noteProgress } from '../../src/state/course.ts';
import { writeDecision } from '../../src/state/decisions.ts';
import { writeWatch } from '../../src/state/looks.ts';
import { readRun, writeRun } from '../../src/state/runs.ts';
import { writeReconciliation } from '../../src/state/syncs.ts';
import { nothingKept } from '../../src/upkeep/watch.ts';
import { requestOf, well } from '../plan/worlds.ts';
import { onLaptops } from '../support/failover/play.ts';
import type { FailoverWorld } from '../support/failover/world.ts';
import { failoverWorld } from '../support/failover/world.ts';

let world: FailoverWorld;
beforeAll(async () => {
  world = await failoverWorld();
}, 60_000);
afterAll(() => world[Symbol.asyncDispose]());

/** What the watcher and upkeep write in a minute in which all is well. */
async function upkeep(epoch: number): Promise<void> {
  const { base, clock } = world;
  const at = clock.now();
  const { record } = nothingKept();
  const sightings = observers.map((observer) => ({ observer, verdict: well[observer], at, seen: 'seen' }));
  const decision = {
    at,
    epoch,
    code: 'hold',
    sentence: 'the service answers',
    finding: 'all-well',
    since: at,
  } as const;
  await Promise.all([
    writeWatch(base.store, { ...record, memory: withLook(record.memory, { at, sightings }) }),
    writeDecision(base.store, { ...decision, lastGood: at, beside: [], evidence: [] }),
    writeCapacity(base.store, { groups: { web: { min: 2, desired: 2, max: 4 } }, seenAt: at }),
    writeReconciliation(base.store, { startedAt: at, endedAt: at, written: 0, removed: 0 }),
  ]);
}

/** What answers nothing, whatever it is asked. */
const never: never = new Proxy(() => {}, {
  get: (_, name) => (name === 'then' ? () => {} : never),
  apply: () => never,
}) as never;

/** The status, and milliseconds it took. */
async function told(base: Base = world.base) {
  const { clock, workload } = world;
  const began = clock.now();
  const observed = await world.during(observe(base), 60_000);
  const took = clock.now() - began;
  const known: Known = { workload, observed, state: answerOf(observed.state), now: clock.now() };
  const concerns = concernsOf(known);
  return { codes: concerns.map(({ code }) => code), text: statusText('dev-photos', known, concerns).join('\n'), took };
}

test('all is well: one screen, and nothing that needs a look', async () => {
  await world.during(upkeep(1));
  const { codes, text } = await told();
  expect(codes).toEqual([]);
  expect(text).toMatch(/^dev-photos, .* UTC: served, and protected\n/);
  expect(text).toMatch(/Active +the primary Region, us-east-1, in epoch 1/);
  expect(text).toMatch(/us-west-2 +recovery: role standby; web 0 \(0 to 4\); database a replica, available/);
  expect(text).toMatch(/Replica +receiving, applying, last beat \d+ s old/);
  expect(text).toMatch(/Run +there was none/);
  expect(text.split('\n').length).toBeLessThan(24);
});

test('what waits, what is broken and what is braked is said with what to do', async () => {
  const { base, clock } = world;
  await world.during(putBrakeOn(base.store, 'maintenance (ann)'));
  const now = clock.now();
  await world.during(makeRequest(base.store, requestOf({ state: 'pending', askedAt: now, expiresAt: now + 600_000 })));
  await world.pass(200_000);
  const { codes, text } = await told();
  expect(codes).toEqual(['approval-waits', 'watcher-silent', 'brake-on']);
  expect(text).toMatch(/3 matters to look at/);
  expect(text).toMatch(/waits for 6 min more.*\n/);
  expect(text).toMatch(/The watcher hasn't written for 3 min/);
  expect(text).toMatch(/pilot-light approve r1/);
  await world.during(takeBrakeOff(base.store));
  await world.pass(600_000);
});

test('with the recovery Region silent it says what the Regions say of themselves, within two seconds', async () => {
  await world.during(upkeep(1));
  const { base } = world;
  const on: Base['on'] = (side) => (side === 'recovery' ? never : base.on(side));
  const { codes, text, took } = await told({ ...base, on, store: never });
  expect(took).toBeLessThan(1500);
  expect(codes).toEqual(['state-unread', 'recovery-silent']);
  expect(text).toMatch(/us-east-1 holds itself to be active/);
  expect(text).toMatch(/who is active can't be told/);
});

test('after a failover from a dark Region: who is active, that the fence is owed, that there is no second copy', async () => {
  await world.goDark('primary');
  const dark = await told();
  expect(dark.took).toBeLessThan(1500);
  expect(dark.codes).toContain('primary-silent');
  expect(dark.text).toMatch(/us-east-1 +primary: doesn't answer/);

  const { outcome } = await world.during(onLaptops(world, 'failover'), 3_600_000);
  expect(outcome).toHaveProperty('run');
  const { codes, text, took } = await told();
  expect(took).toBeLessThan(1500);
  expect(codes).toEqual(expect.arrayContaining(['fence-owed', 'primary-silent']));
  expect(codes).not.toContain('run-under-way');
  expect(text).toMatch(/Active +the recovery Region, us-west-2, in epoch 2/);
  expect(text).toMatch(/owed by us-east-1 for .*: 0 of 7 parts stand/);
  expect(text).toMatch(/none under way; the last, failover .* succeeded/);
  expect(text).toMatch(/locked out for/);
  expect(text).toMatch(/Sources +being opened: not looked at yet/);

  await world.comeBack('primary');
  expect((await told()).codes).toEqual(expect.arrayContaining(['fence-owed', 'no-standby-copy']));
});

test('a run that waits for a person says where, and how it goes on', async () => {
  const { base, clock } = world;
  const now = clock.now();
  const given = { id: 'r9', plan: 'failback', version: 1, epoch: 3 } as const;
  const run = { ...given, execution: 'x', status: 'running', startedAt: now, facts: {}, active: 'recovery' } as const;
  await world.during(writeRun(base.store, { ...run, trigger: { by: 'person', why: 'home' } }));
  expect(await world.during(readRun(base.store, 'r9'))).toMatchObject({ plan: 'failback' });
  await world.during(
    noteProgress(base.store, 'r9', { step: 'Quiesce', firstAt: now, held: { since: now, error: 'no such account' } }),
  );
  await world.pass(120_000);
  const held = await told();
  expect(held.codes.slice(0, 2)).toEqual(['step-held', 'run-under-way']);
  expect(held.text).toMatch(/Quiesce waits for a person: no such account/);
  expect(held.text).toMatch(/pilot-light run retry r9 Quiesce/);
  expect(held.text).toMatch(/failback r9 under way for 2 min, at Quiesce \(held\)/);

  const at = clock.now();
  await world.during(noteProgress(base.store, 'r9', { step: 'Quiesce', doneAt: at }));
  await world.during(giveOrder(base.store, 'r9', 'pause', { by: 'ann', why: 'a look', at }));
  expect((await told()).codes[0]).toBe('run-paused');
});

test.each([
  [0, '0 s'],
  [-5000, '0 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_199_000, '119 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 days'],
])('%d ms are %s', (milliseconds, says) => {
  expect(spanOf(milliseconds)).toBe(says);
});
