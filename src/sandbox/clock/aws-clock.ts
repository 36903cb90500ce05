/**
 * AWS time: real time, scaled. Its pace is a ceiling lowered by what really happens.
 *
 *  1. It never goes back. A change of pace starts a new straight line where the last one ended.
 *  2. It stands still while overdue real work is pending (`hold`, and `absorb` past its modelled time): the model absorbs the machine.
 *  3. It stands still for `patience` at most: work that itself waits for AWS time would never end. Past that it walks at real time.
 *  4. A ceiling of Infinity skips waits: with no real work in flight it jumps to the next timer, at most `longestSkip` AWS seconds
 *     per real second, so that an idle sandbox doesn't spin. With work in flight it runs at `fastestPace`.
 *  5. Due timers fire one by one in order of their due time, and what each one starts at once may come before the next.
 */

import type { Timer } from '../../kernel/clock.ts';
import type { SandboxClock } from '../contract.ts';
import { type RealTime, realTime } from './real-time.ts';
import { TimerQueue } from './timer-queue.ts';

/** One straight line of AWS time over real time: `aws + (realNow - real) * rate`. */
export interface Pace {
  /** AWS time at `real`, in milliseconds since the Unix epoch. */
  readonly aws: number;
  /** The machine's monotonic time, in milliseconds. */
  readonly real: number;
  /** AWS seconds per real second; 0 while time stands still. */
  readonly rate: number;
  /** The rate that would hold if nothing were pending: what real waits are scaled by while time stands still. */
  readonly nominal: number;
}

/** Above this, scheduling noise alone trips health checks. */
export const fastestPace = 30;
const longestSkip = 1000;
/** Real milliseconds. */
export const patience = 5_000;

export class AwsClock implements SandboxClock {
  readonly #realTime: RealTime;
  readonly #timers = new TimerQueue();
  readonly #listeners = new Set<(pace: Pace) => void>();
  readonly #onImpatience: () => void;
  #pace: Pace;
  #ceiling: number;
  #limit = Number.POSITIVE_INFINITY;
  #held = 0;
  #impatient = false;
  #patience: Timer | undefined;
  #inFlight = 0;
  #alarm: Timer | undefined;
  #firing = false;
  #skipping = false;
  #skipBase: { aws: number; real: number };
  #closed = false;

  /** `onImpatience` is told when time has stood still for too long, and goes on; see 3. */
  constructor(options: { start: number; ceiling: number; realTime?: RealTime; onImpatience?: () => void }) {
    this.#onImpatience = options.onImpatience ?? (() => {});
    this.#realTime = options.realTime ?? realTime;
    this.#ceiling = checkedCeiling(options.ceiling);
    const real = this.#realTime.now();
    const nominal = this.#nominal();
    this.#pace = { aws: options.start, real, rate: nominal, nominal };
    this.#skipBase = { aws: options.start, real };
  }

  now(): number {
    return this.#at(this.#realTime.now());
  }

  get pace(): Pace {
    return this.#pace;
  }

  get speed(): number {
    return this.#pace.rate;
  }

  get ceiling(): number {
    return this.#ceiling;
  }

  setCeiling(speed: number): void {
    this.#ceiling = checkedCeiling(speed);
    this.#skipBase = { aws: this.now(), real: this.#realTime.now() };
    this.#repace();
  }

  /** The governor's lever: AWS seconds per real second that the machine can keep up with. */
  limit(speed: number): void {
    this.#limit = Math.max(1, speed);
    this.#repace();
  }

  /** How long a span of AWS time takes for real at the nominal rate, in milliseconds: for waits that must go on while time stands still. */
  realSpan(milliseconds: number): number {
    return milliseconds / this.#pace.nominal;
  }

  /** Tells `listener` of every change of pace; answers how to stop. */
  onPace(listener: (pace: Pace) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  after(delay: number, action: () => void): Timer {
    const before = this.#timers.next;
    const timer = this.#timers.add(this.now() + Math.max(0, delay), action);
    if (before === undefined || timer.at < before) this.#arm();
    return {
      cancel: () => {
        timer.action = undefined;
      },
    };
  }

  async absorb<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
    let done = false;
    let release: (() => void) | undefined;
    const due = new Promise<void>((resolve) => {
      this.after(milliseconds, () => {
        if (!done) release = this.#hold();
        resolve();
      });
    });
    try {
      return await this.during(work);
    } finally {
      done = true;
      release?.();
      await due;
    }
  }

  async hold<T>(work: () => Promise<T>): Promise<T> {
    const release = this.#hold();
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Real work in flight whose own duration counts (a request, an invocation): time flows, but no wait is skipped meanwhile. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#inFlight++;
    try {
      return await work();
    } finally {
      this.#inFlight--;
      // The alarm for the next timer stands already: only waits that could not be skipped meanwhile can be now.
      if (this.#ceiling === Number.POSITIVE_INFINITY) this.#arm();
    }
  }

  /** Stops for good: no timer fires any more. */
  close(): void {
    this.#closed = true;
    this.#timers.clear();
    this.#alarm?.cancel();
    this.#patience?.cancel();
    this.#listeners.clear();
  }

  #at(real: number): number {
    return this.#pace.aws + Math.max(0, real - this.#pace.real) * this.#pace.rate;
  }

  #nominal(): number {
    return Math.min(this.#ceiling, fastestCeiling(this.#ceiling), this.#limit);
  }

  #hold(): () => void {
    this.#held++;
    if (this.#held === 1) {
      this.#patience = this.#realTime.after(patience, () => {
        this.#impatient = true;
        this.#onImpatience();
        this.#repace();
      });
      this.#repace();
    }
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#held--;
      if (this.#held > 0) return;
      this.#patience?.cancel();
      this.#impatient = false;
      this.#repace();
    };
  }

  #repace(): void {
    const nominal = this.#nominal();
    const rate = this.#held === 0 ? nominal : this.#impatient ? Math.min(1, nominal) : 0;
    if (rate !== this.#pace.rate || nominal !== this.#pace.nominal) {
      const real = this.#realTime.now();
      this.#move({ aws: this.#at(real), real, rate, nominal });
    }
    this.#arm();
  }

  #move(pace: Pace): void {
    this.#pace = pace;
    for (const listener of this.#listeners) listener(pace);
  }

  /** Sets the one real alarm for the next timer, or skips to it. */
  #arm(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (this.#closed || this.#firing) return;
    const next = this.#timers.next;
    if (next === undefined) return;
    const wait = next - this.now();
    if (wait <= 0) {
      this.#firing = true;
      this.#realTime.soon(() => this.#fire());
      return;
    }
    if (this.#pace.rate > 0) this.#alarm = this.#realTime.after(wait / this.#pace.rate, () => this.#fire());
    this.#skip();
  }

  #fire(): void {
    const action = this.#closed ? undefined : this.#timers.take(this.now());
    this.#firing = false;
    try {
      action?.();
    } finally {
      this.#arm();
    }
  }

  #skip(): void {
    if (this.#ceiling !== Number.POSITIVE_INFINITY || this.#skipping || this.#busy) return;
    this.#skipping = true;
    // Two turns: what the last timer started, and what that has answered, come before the next jump.
    this.#realTime.soon(() =>
      this.#realTime.soon(() => {
        this.#skipping = false;
        if (!this.#busy && !this.#closed) this.#jump();
      }),
    );
  }

  #jump(): void {
    const next = this.#timers.next;
    if (next === undefined) return;
    const real = this.#realTime.now();
    const now = this.#at(real);
    const target = Math.min(next, now + this.#skippable(now, real));
    if (target > now) this.#move({ ...this.#pace, aws: target, real });
    if (next <= Math.max(now, target)) {
      this.#fire();
      return;
    }
    this.#alarm?.cancel();
    this.#alarm = this.#realTime.after(1, () => this.#fire());
  }

  /** How far time may jump now: what `longestSkip` allows since the last jumps, a second's worth at most. */
  #skippable(now: number, real: number): number {
    const { aws, real: since } = this.#skipBase;
    const allowance = Math.min(aws + (real - since) * longestSkip - now, 1000 * longestSkip);
    this.#skipBase = { aws: now + allowance, real };
    return Math.max(0, allowance);
  }

  get #busy(): boolean {
    return this.#held > 0 || this.#inFlight > 0;
  }
}

function fastestCeiling(ceiling: number): number {
  return ceiling === Number.POSITIVE_INFINITY ? fastestPace : ceiling;
}

function checkedCeiling(ceiling: number): number {
  if (!(ceiling > 0))
    throw new RangeError(`A speed is a number above 0, or Infinity to skip waits. Given: ${ceiling}.`);
  return ceiling;
}
