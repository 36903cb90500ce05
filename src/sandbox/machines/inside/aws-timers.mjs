// @ts-check
/** Timers on AWS time, everywhere a program finds them. */

import net from 'node:net';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { AwsTimeout, paceChanged, timeoutOf } from './aws-timeout.mjs';
import { real } from './real-time.mjs';

/** @param {import('./clock-reader.mjs').ClockReader} clock */
export function replaceTimers(clock) {
  const setTimeout = starter(clock, false);
  const setInterval = starter(clock, true);
  const clear = (/** @type {any} */ handle) => {
    const timeout = timeoutOf(handle);
    if (timeout === undefined) real.clearTimeout(handle);
    else timeout.close();
  };
  const wait = waiter(setTimeout);
  Object.defineProperty(setTimeout, Symbol.for('nodejs.util.promisify.custom'), { value: wait });

  const replacements = { setTimeout, setInterval, clearTimeout: clear, clearInterval: clear };
  Object.assign(globalThis, replacements);
  Object.assign(timers, replacements);
  Object.assign(timersPromises, {
    setTimeout: wait,
    /** @param {number} delay @param {unknown} value @param {any} options */
    async *setInterval(delay, value, options) {
      for (;;) yield await wait(delay, value, options);
    },
  });
  Object.defineProperty(timersPromises.scheduler, 'wait', {
    value: (/** @type {number} */ delay, /** @type {any} */ options) => wait(delay, undefined, options),
    configurable: true,
    writable: true,
  });
  AbortSignal.timeout = (delay) => {
    const controller = new AbortController();
    const expire = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    setTimeout(expire, delay).unref();
    return controller.signal;
  };
  replaceSocketTimeout(clock);
}

/** @param {import('./clock-reader.mjs').ClockReader} clock @param {boolean} repeat @returns {any} */
function starter(clock, repeat) {
  return (/** @type {unknown} */ callback, /** @type {unknown} */ delay, /** @type {any[]} */ ...args) => {
    if (typeof callback !== 'function') {
      throw Object.assign(new TypeError('The "callback" argument must be of type function.'), {
        code: 'ERR_INVALID_ARG_TYPE',
      });
    }
    clock.onChange(paceChanged);
    return new AwsTimeout(clock, /** @type {any} */ (callback), delay, args, repeat);
  };
}

/** @param {any} setTimeout */
function waiter(setTimeout) {
  return (/** @type {number} */ delay, /** @type {unknown} */ value, /** @type {any} */ options) =>
    new Promise((resolve, reject) => {
      const { signal, ref = true } = options ?? {};
      /** @type {AwsTimeout | undefined} */
      let timeout;
      const refuse = () => {
        timeout?.close();
        const error = new Error('The operation was aborted', { cause: signal.reason });
        reject(Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' }));
      };
      if (signal?.aborted) {
        refuse();
        return;
      }
      const started = setTimeout(() => {
        signal?.removeEventListener('abort', refuse);
        resolve(value);
      }, delay);
      timeout = started;
      if (!ref) started.unref();
      signal?.addEventListener('abort', refuse, { once: true });
    });
}

/**
 * A socket's idle timer is Node's own, on real time: it gets the real span of the AWS time asked for.
 * @param {import('./clock-reader.mjs').ClockReader} clock
 */
function replaceSocketTimeout(clock) {
  const setTimeout = Reflect.get(net.Socket.prototype, 'setTimeout');
  net.Socket.prototype.setTimeout = function awsSetTimeout(delay, callback) {
    const span = delay > 0 ? Math.max(1, delay / clock.nominal) : delay;
    const socket = Reflect.apply(setTimeout, this, [span, callback]);
    Object.assign(this, { timeout: delay });
    return socket;
  };
}
