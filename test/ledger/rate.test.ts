import { expect, test } from 'vitest';
import { rateOf, withSample } from '../../src/ledger/rate.ts';
import type { RateSample } from '../../src/state/rates.ts';
import { databaseLook, now, samples } from './observed.ts';

test("customers' transactions are told apart from the heartbeats among them", () => {
  const rate = rateOf(samples([120, 240, 60]));
  expect(rate).toMatchObject({ peak: 4, peakOfAll: 5 });
  expect(rate?.mean).toBeCloseTo(420 / 180);
});

test("the service's own transactions are taken out when it beat between two samples", () => {
  const [first, second] = samples([3]) as [RateSample, RateSample];
  expect(rateOf([first, { ...second, serviceBeat: second.beat - 1000 }])?.peak).toBe(0);
  expect(rateOf([first, second])?.peak).toBeCloseTo(3 / 60);
});

test('where beats are not counted, one a second is taken out', () => {
  const uncounted = samples([120]).map((sample) => ({ ...sample, beats: undefined }));
  expect(rateOf(uncounted)?.peak).toBe(2);
});

test('two samples of different lives of the database, or far apart, tell no rate', () => {
  const [first, second] = samples([120]) as [RateSample, RateSample];
  expect(rateOf([first, { ...second, epoch: 2 }])).toBeUndefined();
  expect(rateOf([first, { ...second, transactions: 3 }])).toBeUndefined();
  expect(rateOf([{ ...first, beat: first.beat - 600_000 }, second])).toBeUndefined();
  expect(rateOf([first])).toBeUndefined();
  expect(rateOf([])).toBeUndefined();
});

test('samples are taken a minute apart, while beats arrive at a replica, and an hour of them is kept', () => {
  let taken: readonly RateSample[] = [];
  for (let second = 0; second < 2 * 3600; second += 5) {
    const at = now + 1000 * second;
    const look = databaseLook({
      executed: `0-1001-${1000 + 2 * second}`,
      heartbeat: { at, epoch: 1, beats: second },
    });
    taken = withSample(taken, look) ?? taken;
  }
  expect(taken).toHaveLength(60);
  expect(rateOf(taken)).toMatchObject({ mean: 1, peak: 1 });
  expect(Buffer.byteLength(JSON.stringify(taken))).toBeLessThan(10_000);
  // Nothing has arrived since.
  expect(
    withSample(taken, databaseLook({ heartbeat: { at: taken.at(-1)?.beat ?? 0, epoch: 1, beats: 0 } })),
  ).toBeUndefined();
  expect(withSample(taken, databaseLook({ heartbeat: undefined }))).toBeUndefined();
  expect(withSample(taken, databaseLook({ replica: undefined }))).toBeUndefined();
});
