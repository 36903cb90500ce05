import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/kernel/virtual-clock.ts';
import { FaultSchedule } from '../../src/rehearsal/fault-schedule.ts';
import type { FaultStep } from '../../src/rehearsal/scenario.ts';
import type { FaultData } from '../../src/rehearsal/target.ts';

/** A target that notes what stands, with AWS time. */
function scheduled(steps: readonly FaultStep[], raise?: (fault: FaultData) => void) {
  const clock = new VirtualClock(0);
  const told: string[] = [];
  const standing = new Set<string>();
  const schedule = new FaultSchedule(
    steps,
    {
      clock,
      async raise(fault) {
        raise?.(fault);
        standing.add(fault.kind);
        return async () => void standing.delete(fault.kind);
      },
    },
    (state, says) => told.push(`${clock.now() / 1000} ${state} ${says}`),
  );
  return { clock, told, standing, schedule };
}

test('faults come and go at their seconds after steady running began, and after the outage', async () => {
  const { clock, told, standing, schedule } = scheduled([
    {
      after: 'steady',
      at: 10,
      name: 'slow',
      raise: { kind: 'latency', from: 'outside', to: 'primary', milliseconds: 200 },
    },
    { after: 'outage', at: 0, raise: { kind: 'throttle', service: 'rds' } },
    { after: 'outage', at: 30, lift: 'slow' },
  ]);
  schedule.begin('steady');
  await clock.advance(60_000);
  expect(told).toEqual(['10 raised latency from=outside to=primary milliseconds=200']);
  schedule.begin('outage');
  await clock.advance(60_000);
  expect(told.slice(1)).toEqual([
    '60 raised throttle service=rds',
    '90 lifted latency from=outside to=primary milliseconds=200',
  ]);
  expect([...standing]).toEqual(['throttle']);
  await schedule.end();
  expect(told.at(-1)).toBe('120 lifted throttle service=rds');
  expect([...standing]).toEqual([]);
});

test('in the end what stands is lifted and nothing more is raised', async () => {
  const { clock, told, schedule } = scheduled([
    { after: 'outage', at: 100, raise: { kind: 'dark', region: 'recovery' } },
  ]);
  schedule.begin('outage');
  await clock.advance(50_000);
  await schedule.end();
  await clock.advance(100_000);
  expect(told).toEqual([]);
});

test("a fault that can't be raised is a failure of the rehearsal, and the others still come", async () => {
  const { clock, told, schedule } = scheduled(
    [
      { after: 'outage', at: 0, raise: { kind: 'earthquake' } },
      { after: 'outage', at: 1, raise: { kind: 'throttle' } },
    ],
    ({ kind }) => {
      if (kind === 'earthquake') throw new Error('no such kind');
    },
  );
  schedule.begin('outage');
  await clock.advance(5000);
  await schedule.end();
  expect(schedule.failures).toEqual(["a fault of the scenario couldn't be raised or lifted: no such kind"]);
  expect(told).toContain('1 raised throttle');
});
