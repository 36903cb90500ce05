import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsClock } from '../../../src/sandbox/clock/aws-clock.ts';
import { FakeRealTime } from './fake-real-time.ts';

const start = Date.UTC(2026, 10, 23, 12);

function clockAt(ceiling: number): { real: FakeRealTime; clock: AwsClock; elapsed: () => number } {
  const real = new FakeRealTime(1000);
  const clock = new AwsClock({ start, ceiling, realTime: real });
  return { real, clock, elapsed: () => clock.now() - start };
}

/** Real work that takes `span` real milliseconds. */
const work = (real: FakeRealTime, span: number) => () =>
  new Promise<string>((resolve) => real.after(span, () => resolve('done')));

describe('AWS time', () => {
  it('runs at its ceiling and goes on from where it is when the ceiling changes', async () => {
    const { real, clock, elapsed } = clockAt(30);
    await real.advance(100);
    expect(elapsed()).toBe(3000);
    clock.setCeiling(3);
    expect(elapsed()).toBe(3000);
    await real.advance(100);
    expect(elapsed()).toBe(3300);
    expect(clock.speed).toBe(3);
  });

  it('is slowed by its governor, and never below real time', async () => {
    const { real, clock, elapsed } = clockAt(10);
    clock.limit(4);
    await real.advance(100);
    expect(elapsed()).toBe(400);
    clock.limit(0.01);
    expect(clock.speed).toBe(1);
  });

  it('never goes back, whatever happens to its pace', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('advance' as const), by: fc.double({ min: 0, max: 500, noNaN: true }) }),
      fc.record({ kind: fc.constant('ceiling' as const), to: fc.double({ min: 0.1, max: 100, noNaN: true }) }),
      fc.record({ kind: fc.constant('limit' as const), to: fc.double({ min: 0.1, max: 100, noNaN: true }) }),
      fc.record({ kind: fc.constant('hold' as const), span: fc.integer({ min: 0, max: 8000 }) }),
      fc.record({
        kind: fc.constant('absorb' as const),
        model: fc.integer({ min: 0, max: 5000 }),
        span: fc.integer({ min: 0, max: 2000 }),
      }),
      fc.record({ kind: fc.constant('skip' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { real, clock } = clockAt(10);
        let last = clock.now();
        const look = () => {
          const now = clock.now();
          expect(now).toBeGreaterThanOrEqual(last);
          last = now;
        };
        clock.onPace(look);
        const fired: number[] = [];
        for (const step of steps) {
          if (step.kind === 'advance') await real.advance(step.by);
          else if (step.kind === 'ceiling') clock.setCeiling(step.to);
          else if (step.kind === 'limit') clock.limit(step.to);
          else if (step.kind === 'hold') void clock.hold(work(real, step.span));
          else if (step.kind === 'absorb') void clock.absorb(step.model, work(real, step.span));
          else clock.setCeiling(Number.POSITIVE_INFINITY);
          const due = clock.now() + 50;
          clock.after(50, () => {
            expect(clock.now()).toBeGreaterThanOrEqual(due);
            fired.push(due);
          });
          look();
        }
        clock.setCeiling(10);
        await real.advance(30_000);
        look();
        expect(fired).toHaveLength(steps.length);
        expect(fired).toEqual([...fired].sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it('fires timers in order of their due time, including those that others set', async () => {
    const { real, clock } = clockAt(10);
    const fired: string[] = [];
    clock.after(30, () => fired.push('c'));
    clock.after(10, () => {
      fired.push('a');
      clock.after(10, () => fired.push('b'));
    });
    clock.after(30, () => fired.push('d'));
    clock.after(20, () => fired.push('never')).cancel();
    await real.advance(50);
    expect(fired).toEqual(['a', 'b', 'c', 'd']);
  });

  it('sets its alarm again when the pace changes', async () => {
    const { real, clock } = clockAt(1);
    let fired = false;
    clock.after(10_000, () => {
      fired = true;
    });
    await real.advance(100);
    clock.setCeiling(100);
    await real.advance(98);
    expect(fired).toBe(false);
    await real.advance(2);
    expect(fired).toBe(true);
  });
});

describe('work with a modelled duration', () => {
  it('takes the modelled time when it is quicker', async () => {
    const { real, clock, elapsed } = clockAt(10);
    let settled: number | undefined;
    const result = clock.absorb(5000, work(real, 20)).finally(() => {
      settled = elapsed();
    });
    await real.advance(499);
    expect(settled).toBeUndefined();
    await real.advance(2);
    expect(settled).toBeCloseTo(5000, 0);
    await expect(result).resolves.toBe('done');
  });

  it('holds time at the modelled duration when it is slower', async () => {
    const { real, clock, elapsed } = clockAt(10);
    const result = clock.absorb(1000, work(real, 900));
    await real.advance(800);
    expect(elapsed()).toBe(1000);
    expect(clock.speed).toBe(0);
    await real.advance(101);
    await expect(result).resolves.toBe('done');
    expect(elapsed()).toBeCloseTo(1010, 0);
  });

  it('lets time go on when the work fails', async () => {
    const { real, clock } = clockAt(10);
    const failing = clock.absorb(
      10,
      () => new Promise((_, reject) => real.after(50, () => reject(new Error('broken')))),
    );
    const seen = expect(failing).rejects.toThrow('broken');
    await real.advance(60);
    await seen;
    expect(clock.speed).toBe(10);
  });

  it('waits for every holder', async () => {
    const { real, clock, elapsed } = clockAt(10);
    void clock.hold(work(real, 100));
    void clock.hold(work(real, 300));
    await real.advance(300);
    expect(elapsed()).toBe(0);
    await real.advance(10);
    expect(elapsed()).toBe(100);
  });

  it('walks on at real time when held longer than its patience', async () => {
    const { real, clock, elapsed } = clockAt(10);
    void clock.hold(work(real, 7000));
    await real.advance(5000);
    expect(elapsed()).toBe(0);
    await real.advance(2000);
    expect(elapsed()).toBe(2000);
    await real.advance(100);
    expect(elapsed()).toBe(3000);
  });
});

describe('a ceiling of Infinity', () => {
  it('skips waits when no work is in flight', async () => {
    const { real, clock, elapsed } = clockAt(Number.POSITIVE_INFINITY);
    await real.advance(1000);
    const result = clock.absorb(600_000, work(real, 40));
    await real.advance(39);
    expect(elapsed()).toBeLessThan(40_000);
    await real.advance(10);
    await expect(result).resolves.toBe('done');
    expect(elapsed()).toBeGreaterThanOrEqual(600_000 + 30_000);
  });

  it('runs at the fastest pace while work is in flight', async () => {
    const { real, clock, elapsed } = clockAt(Number.POSITIVE_INFINITY);
    clock.after(600_000, () => {});
    void clock.during(work(real, 100));
    await real.advance(99);
    expect(elapsed()).toBeCloseTo(2970, 3);
  });

  it('skips no more than a thousand seconds in each', async () => {
    const { real, clock, elapsed } = clockAt(Number.POSITIVE_INFINITY);
    const tick = () => clock.after(60_000, tick);
    tick();
    await real.advance(2000);
    expect(elapsed()).toBeGreaterThan(1_500_000);
    expect(elapsed()).toBeLessThan(2_200_000);
  });
});
