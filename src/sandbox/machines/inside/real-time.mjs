// @ts-check
/**
 * The machine's own time, kept from before it was replaced. A program that really needs it (a health check that must give a busy
 * machine a chance) finds it at `globalThis[Symbol.for('pilot-light.real-time')]`: `now` in milliseconds, `setTimeout`, `clearTimeout`.
 */

const hrtime = process.hrtime.bind(process);

export const real = {
  Date: globalThis.Date,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  /** CLOCK_MONOTONIC in milliseconds: the same in every process. */
  now() {
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
};

Object.defineProperty(globalThis, Symbol.for('pilot-light.real-time'), { value: real });
