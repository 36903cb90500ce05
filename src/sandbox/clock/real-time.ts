/** The machine's own monotonic time, under AWS time: the one source the sandbox's clock is scaled from, the same in every process. */

import type { Clock } from '../../kernel/clock.ts';

export interface RealTime extends Clock {
  /** Runs `action` once what is ready now has run. */
  soon(action: () => void): void;
}

/** CLOCK_MONOTONIC in milliseconds: no jumps, and comparable between processes. Pending timers don't keep the process alive. */
export const realTime: RealTime = {
  now: () => Number(process.hrtime.bigint()) / 1e6,
  after(delay, action) {
    const handle = setTimeout(action, Math.min(Math.max(0, delay), longestTimeout));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  soon(action) {
    setImmediate(action);
  },
};

/** What setTimeout takes; longer waits are armed again by their owner. */
const longestTimeout = 2 ** 31 - 1;
