// @ts-check
/**
 * One timer on AWS time, with the methods of Node's own. A real timer stands behind it, set again when the pace changes; it fires when
 * AWS time says so, in the asynchronous context it was set in.
 */

import { AsyncResource } from 'node:async_hooks';
import { real } from './real-time.mjs';

/** Real milliseconds after which a wait is looked at again even if nobody told of a change. */
const longestNap = 500;
const longestSpan = 2147483647;

/** @type {Set<AwsTimeout>} */
const waiting = new Set();
/** @type {Map<number, AwsTimeout>} */
const byId = new Map();
let nextId = 1;

/** Sets every waiting timer's real timer again. */
export function paceChanged() {
  for (const timeout of waiting) timeout.arm();
}

/** The timer behind what `clearTimeout` was given: itself, or the number it was turned into. @param {unknown} handle */
export const timeoutOf = (handle) =>
  handle instanceof AwsTimeout
    ? handle
    : typeof handle === 'number' || typeof handle === 'string'
      ? byId.get(Number(handle))
      : undefined;

export class AwsTimeout {
  #closed = false;
  #due = 0;
  #refed = true;
  /** @type {NodeJS.Timeout | undefined} */
  #handle;
  /** @type {number | undefined} */
  #id;
  #resource = new AsyncResource('Timeout');

  /**
   * @param {import('./clock-reader.mjs').ClockReader} clock
   * @param {(...args: any[]) => void} callback
   * @param {unknown} delay milliseconds of AWS time
   * @param {any[]} args
   * @param {boolean} repeat
   */
  constructor(clock, callback, delay, args, repeat) {
    const span = Number(delay);
    this.clock = clock;
    this.span = span >= 1 && span <= longestSpan ? Math.trunc(span) : 1;
    this.callback = callback;
    this.args = args;
    this.repeat = repeat;
    this.#start();
  }

  #start() {
    this.#due = this.clock.now() + this.span;
    waiting.add(this);
    this.arm();
  }

  arm() {
    if (this.#handle !== undefined) real.clearTimeout(this.#handle);
    const wait = this.#due - this.clock.now();
    const { rate } = this.clock;
    const span = wait <= 0 ? 1 : rate > 0 ? Math.min(wait / rate, longestNap) : longestNap;
    this.#handle = real.setTimeout(() => this.#wake(), span);
    if (!this.#refed) this.#handle.unref();
  }

  #wake() {
    this.#handle = undefined;
    if (this.clock.now() < this.#due) {
      this.arm();
      return;
    }
    waiting.delete(this);
    try {
      this.#resource.runInAsyncScope(this.callback, this, ...this.args);
    } finally {
      if (!this.#closed && !waiting.has(this)) {
        if (this.repeat) this.#start();
        else if (this.#id !== undefined) byId.delete(this.#id);
      }
    }
  }

  close() {
    this.#closed = true;
    waiting.delete(this);
    if (this.#handle !== undefined) real.clearTimeout(this.#handle);
    this.#handle = undefined;
    if (this.#id !== undefined) byId.delete(this.#id);
    return this;
  }

  refresh() {
    if (!this.#closed) this.#start();
    return this;
  }

  ref() {
    this.#refed = true;
    this.#handle?.ref();
    return this;
  }

  unref() {
    this.#refed = false;
    this.#handle?.unref();
    return this;
  }

  hasRef() {
    return this.#refed;
  }

  [Symbol.toPrimitive]() {
    this.#id ??= nextId++;
    byId.set(this.#id, this);
    return this.#id;
  }
}

// Node 20 has the symbol, older engines' types don't: `using timer = setTimeout(…)`.
if (Symbol.dispose !== undefined) {
  Object.defineProperty(AwsTimeout.prototype, Symbol.dispose, {
    /** @this {AwsTimeout} */
    value() {
      this.close();
    },
    configurable: true,
  });
}
