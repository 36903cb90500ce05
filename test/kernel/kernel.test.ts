import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timing } from '../../src/facts/timing.ts';
import { sleep } from '../../src/kernel/clock.ts';
import { isNotYet, notYet, usageError } from '../../src/kernel/errors.ts';
import { seededIds, seededRandom } from '../../src/kernel/ids.ts';
import { VirtualClock } from '../../src/kernel/virtual-clock.ts';

describe('the virtual clock', () => {
  test('fires timers in the order of their time, ties in the order they were set, whatever is set meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 12 }), async (delays) => {
        const clock = new VirtualClock(0);
        const fired: [number, number][] = [];
        for (const [index, delay] of delays.entries()) clock.after(delay, () => fired.push([clock.now(), index]));
        await clock.advance(100);
        const expected = delays.map((delay, index): [number, number] => [delay, index]);
        expect(fired).toEqual(expected.sort(([one, first], [other, second]) => one - other || first - second));
      }),
      { numRuns: 40 },
    );
  });

  test('a sleep that is given up rejects with why, and nothing fires later', async () => {
    const clock = new VirtualClock(0);
    const controller = new AbortController();
    const slept = sleep(clock, 1000, controller.signal);
    controller.abort(new Error('given up'));
    await expect(slept).rejects.toThrow('given up');
  });
});

test('the same seed gives the same ids, another seed others', () => {
  const ids = (seed: number) => Array.from({ length: 5 }, () => seededIds(seededRandom(seed)).uuid());
  expect(ids(1)).toEqual(ids(1));
  expect(ids(1)).not.toEqual(ids(2));
  expect(ids(1)[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('an error says what happened, what was given, what is allowed and what to do', () => {
  const error = usageError('There is no such scenario.', { given: 'x', allowed: 'a, b', next: 'Choose one.' });
  expect(error.message).toBe('There is no such scenario. Given: x. Allowed: a, b. Choose one.');
  expect(error.name).toBe('PilotLight.Usage');
  expect(isNotYet(error)).toBe(false);
  expect(isNotYet(notYet('promoting'))).toBe(true);
});

test("drawn durations have the model's percentiles", () => {
  const drawn = timing('drawn', seededRandom(7));
  const samples = Array.from({ length: 4000 }, () => drawn.milliseconds('rds_promote_read_replica')).sort(
    (one, other) => one - other,
  );
  const percentile = (share: number) => (samples[Math.floor(share * samples.length)] ?? 0) / 1000;
  expect(percentile(0.5)).toBeGreaterThan(270);
  expect(percentile(0.5)).toBeLessThan(330);
  expect(percentile(0.95)).toBeGreaterThan(1000);
  expect(percentile(0.95)).toBeLessThan(1450);
});

test('a duration that is slow takes its 95th percentile, the others what holds for them', () => {
  const slow = timing('p50', seededRandom(1), ['rds_promote_read_replica']);
  expect(slow.milliseconds('rds_promote_read_replica')).toBe(1_200_000);
  expect(slow.milliseconds('rds_reboot')).toBe(timing('p50', seededRandom(1)).milliseconds('rds_reboot'));
});
