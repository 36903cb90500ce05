import { describe, expect, it } from 'vitest';
import { timing } from '../../../../src/facts/timing.ts';
import { seededRandom } from '../../../../src/kernel/ids.ts';
import {
  crossRegionCopy,
  promotion,
  replicaCreation,
  restoring,
} from '../../../../src/sandbox/services/rds/durations.ts';

const minutes = 60_000;
const p50 = timing('p50', seededRandom(1));
const p95 = timing('p95', seededRandom(1));

describe("how long RDS takes, of the model's percentiles", () => {
  it('grows with the data, through both sizes that are known', () => {
    const whole = (gigabytes: number, by = p50) => {
      const { snapshot, copy, load } = replicaCreation(by, true, gigabytes);
      return (snapshot + copy + load) / minutes;
    };
    expect([5, 20, 60, 100, 180].map((size) => whole(size))).toEqual([30, 30, 45, 60, 90]);
    expect([20, 100].map((size) => whole(size, p95))).toEqual([90, 240]);
    expect([20, 100].map((size) => crossRegionCopy(p50, size) / minutes)).toEqual([10, 25]);
    expect([20, 100].map((size) => restoring(p95, size) / minutes)).toEqual([25, 45]);
  });

  it('is a promotion in parts that add up, and never beyond the longest', () => {
    const whole = (by: typeof p50) => {
      const { modifying, rebooting, settling } = promotion(by);
      return modifying + rebooting + settling + 8_000;
    };
    expect(whole(p50)).toBeCloseTo(5 * minutes);
    expect(whole(p95)).toBeCloseTo(20 * minutes);
    const drawn = timing('drawn', seededRandom(3));
    const many = Array.from({ length: 3_000 }, () => whole(drawn)).sort((one, other) => one - other);
    expect(many.at(-1)).toBe(45 * minutes);
    expect(many[1_500]).toBeGreaterThan(4.5 * minutes);
    expect(many[1_500]).toBeLessThan(5.5 * minutes);
  });
});
