// @ts-check
/** `Date` on AWS time. */

import { real } from './real-time.mjs';

/** @param {import('./clock-reader.mjs').ClockReader} clock */
export function replaceDate({ now }) {
  const RealDate = real.Date;
  /** @this {unknown} @param {any[]} args */
  function AwsDate(...args) {
    if (new.target === undefined) return new RealDate(now()).toString();
    return Reflect.construct(RealDate, args.length === 0 ? [now()] : args, new.target);
  }
  Object.defineProperties(AwsDate, {
    name: { value: 'Date', configurable: true },
    length: { value: 7, configurable: true },
    prototype: { value: RealDate.prototype, writable: false },
    now: { value: () => Math.floor(now()), configurable: true, writable: true },
    parse: { value: RealDate.parse, configurable: true, writable: true },
    UTC: { value: RealDate.UTC, configurable: true, writable: true },
  });
  Object.defineProperty(RealDate.prototype, 'constructor', { value: AwsDate, configurable: true, writable: true });
  globalThis.Date = /** @type {DateConstructor} */ (/** @type {unknown} */ (AwsDate));
}
