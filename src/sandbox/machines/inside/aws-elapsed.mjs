// @ts-check
/** `performance.now` and `process.hrtime` on AWS time: a program's spans agree with its dates. */

/** @param {import('./clock-reader.mjs').ClockReader} clock */
export function replaceElapsed(clock) {
  const origin = clock.now();
  const sinceOrigin = () => clock.now() - origin;
  // A second ahead, so that no reading is 0 or negative.
  const nanoseconds = () => BigInt(Math.round(sinceOrigin() * 1e6)) + second;

  Object.defineProperty(performance, 'now', { value: sinceOrigin, configurable: true, writable: true });
  Object.defineProperty(performance, 'timeOrigin', { value: origin, configurable: true });
  process.hrtime = Object.assign(
    /** @param {[number, number]} [since] @returns {[number, number]} */
    (since) => {
      const from = since === undefined ? 0n : BigInt(since[0]) * second + BigInt(since[1]);
      const span = nanoseconds() - from;
      return [Number(span / second), Number(span % second)];
    },
    { bigint: nanoseconds },
  );
}

const second = 1_000_000_000n;
