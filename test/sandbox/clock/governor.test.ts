import { expect, it } from 'vitest';
import { AwsClock } from '../../../src/sandbox/clock/aws-clock.ts';
import { govern } from '../../../src/sandbox/clock/governor.ts';
import { FakeRealTime } from './fake-real-time.ts';

/** Real time whose timers come late: what a busy event loop looks like from inside. */
class LaggingRealTime extends FakeRealTime {
  lag = 0;

  override after(delay: number, action: () => void) {
    return super.after(delay + this.lag, action);
  }
}

it('slows AWS time while the event loop lags and lets it recover', async () => {
  const real = new LaggingRealTime(0);
  const clock = new AwsClock({ start: 0, ceiling: 30, realTime: new FakeRealTime(0) });
  govern(clock, real);
  await real.advance(200);
  expect(clock.speed).toBe(30);

  real.lag = 60;
  await real.advance(400);
  expect(clock.speed).toBeGreaterThan(4);
  expect(clock.speed).toBeLessThan(6);

  real.lag = 0;
  await real.advance(1500);
  expect(clock.speed).toBe(30);
});
