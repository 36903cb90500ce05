/**
 * Slows AWS time while this machine can't keep up. A scheduling delay of d real milliseconds shows up inside as d times the pace, so
 * the pace is kept where the delays seen lately stay within `tolerance` milliseconds of AWS time.
 */

import type { AwsClock } from './aws-clock.ts';
import { type RealTime, realTime } from './real-time.ts';

const tick = 20;
/** AWS milliseconds of noise that health checks and timeouts of a second or more don't notice. */
const tolerance = 300;
/** What a delay weighs after each further tick: half of it is forgotten in about 140 ms. */
const memory = 0.905;
/** Changes of pace smaller than this aren't worth telling every process. */
const worthwhile = 0.1;

export function govern(clock: AwsClock, real: RealTime = realTime): () => void {
  let delay = 0;
  let current = Number.POSITIVE_INFINITY;
  let stopped = false;
  let due = real.now() + tick;

  const look = () => {
    if (stopped) return;
    const now = real.now();
    delay = Math.max(now - due, delay * memory);
    // Delays of a millisecond or two are the timer's own.
    const limit = delay < 3 ? Number.POSITIVE_INFINITY : tolerance / delay;
    if (Math.abs(limit - current) > worthwhile * Math.min(limit, current)) {
      current = limit;
      clock.limit(limit);
    }
    due = now + tick;
    real.after(tick, look);
  };
  real.after(tick, look);
  return () => {
    stopped = true;
  };
}
