import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AwsClock } from '../../../src/sandbox/clock/aws-clock.ts';
import { leadingPace } from '../../../src/sandbox/clock/leading-pace.ts';
import { FakeRealTime } from './fake-real-time.ts';

const change = fc.oneof(
  fc.record({ kind: fc.constant('ceiling' as const), to: fc.double({ min: 1, max: 30, noNaN: true }) }),
  fc.record({ kind: fc.constant('hold' as const), span: fc.integer({ min: 1, max: 3000 }) }),
);

it('follows AWS time without ever stopping, going back, falling behind or leading by much', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(change, fc.integer({ min: 1, max: 800 })), { maxLength: 20 }),
      async (changes) => {
        const real = new FakeRealTime(0);
        const clock = new AwsClock({ start: 1000, ceiling: 10, realTime: real });
        let line = { aws: 0, real: 0, rate: 0 };
        const mine = () => line.aws + (real.now() - line.real) * line.rate;
        let last = 0;
        const look = () => {
          expect(mine()).toBeGreaterThanOrEqual(last - 1e-6);
          expect(line.rate).toBeGreaterThan(0);
          expect(mine() - clock.now()).toBeGreaterThan(-0.02);
          expect(mine() - clock.now()).toBeLessThan(4600);
          last = mine();
        };
        leadingPace(clock, real, (aws, rate) => {
          if (line.rate > 0) expect(aws).toBeGreaterThanOrEqual(mine() - 1e-6);
          line = { aws, real: real.now(), rate };
        });
        for (const [what, wait] of changes) {
          if (what.kind === 'ceiling') clock.setCeiling(what.to);
          else void clock.hold(() => new Promise<void>((resolve) => real.after(what.span, resolve)));
          look();
          await real.advance(wait);
          look();
        }
        clock.setCeiling(10);
        await real.advance(20_000);
        expect(mine() - clock.now()).toBeLessThan(0.05);
      },
    ),
    { numRuns: 60 },
  );
});
