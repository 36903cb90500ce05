import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/kernel/virtual-clock.ts';
import type { Act } from '../../src/rehearsal/acts/act.ts';
import { Timetable } from '../../src/rehearsal/acts/timetable.ts';
import { nothingSeen } from '../../src/rehearsal/course/course.ts';
import { settled } from '../../src/rehearsal/settled.ts';

function planned(acts: readonly Act[], perform?: (act: Act) => Promise<void>) {
  const clock = new VirtualClock(0);
  const done: string[] = [];
  const timetable = new Timetable(acts, clock, async (act) => {
    await perform?.(act);
    done.push(`${clock.now() / 1000} ${JSON.stringify(act)}`);
  });
  return { clock, done, timetable };
}

test('acts come at their seconds after their moments, once each, also when a moment is seen late', async () => {
  const { clock, done, timetable } = planned([
    { after: 'outage', at: 0, dark: 'primary' },
    { after: 'committed', at: 30, back: 'primary' },
  ]);
  timetable.comes('outage', 0);
  await clock.advance(60_000);
  expect(done).toEqual(['0 {"after":"outage","at":0,"dark":"primary"}']);
  expect(timetable.unborn).toHaveLength(1);
  timetable.comes('committed', 50_000);
  timetable.comes('committed', 50_000);
  await clock.advance(60_000);
  expect(done.slice(1)).toEqual(['80 {"after":"committed","at":30,"back":"primary"}']);
  expect(timetable.done).toBe(true);
});

test("what can't be done is a failure of the rehearsal, and ends it", async () => {
  const { clock, timetable } = planned([{ after: 'outage', at: 0, start: 'failover', by: 'event' }], () =>
    Promise.reject(new Error('nobody listens')),
  );
  timetable.comes('outage', 0);
  await clock.advance(1000);
  expect(timetable.failures).toEqual([
    "what the scenario does (the failover is started by an event on the workload's bus) failed: nobody listens",
  ]);
  expect(settled(nothingSeen, [], timetable, { ahead: [] })).toEqual({ over: true });
});

const idle = { done: true, underWay: false, failures: [], unborn: [] };
const open = { says: '', state: 'open', seen: '', finally: false } as const;
const unmet = { ...open, state: 'unmet' } as const;

test('a rehearsal is over when all is done and judged, but for what is judged in the end, and no run goes on', () => {
  const run = {
    id: 'r',
    plan: 'failover',
    by: 'watcher',
    execution: 'x',
    startedAt: 0,
    endedAt: undefined,
    failure: undefined,
  } as const;
  expect(settled(nothingSeen, [open], idle, { ahead: [] }).over).toBe(false);
  expect(settled(nothingSeen, [{ ...open, finally: true }], idle, { ahead: [] }).over).toBe(true);
  expect(settled({ ...nothingSeen, runs: [{ ...run, status: 'running' }] }, [], idle, { ahead: [] }).over).toBe(false);
  expect(settled(nothingSeen, [], idle, { ahead: [{ after: 'back' }] }).over).toBe(false);
});

test('a moment that does not come is waited for, less long once something has gone wrong, and named then', () => {
  const acts = { ...idle, done: false, unborn: [{ after: 'resolved' }] } as const;
  const after = (seconds: number) => ({ ...nothingSeen, now: 1000 * seconds, moments: { outage: 0 } });
  expect(settled(after(600), [open], acts, { ahead: [] }).over).toBe(false);
  expect(settled(after(600), [unmet], acts, { ahead: [] })).toEqual({
    over: true,
    failure: "the scenario waits for the first customer's write in the recovery Region, which didn't come",
  });
  expect(settled(after(3600), [open], acts, { ahead: [] }).over).toBe(true);
});
