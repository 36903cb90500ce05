import type { Clock, Timer } from './clock.ts';

/** A clock that stands still until it is advanced: timers fire in time order, ties in the order they were set. */
export class VirtualClock implements Clock {
  #now: number;
  #sequence = 0;
  readonly #timers = new Map<number, { at: number; action: () => void }>();

  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** When the next timer fires; undefined while none is set. */
  get next(): number | undefined {
    const id = this.#nextBefore(Number.POSITIVE_INFINITY);
    return id === undefined ? undefined : this.#timers.get(id)?.at;
  }

  after(delay: number, action: () => void): Timer {
    const id = this.#sequence++;
    this.#timers.set(id, { at: this.#now + Math.max(0, delay), action });
    return { cancel: () => this.#timers.delete(id) };
  }

  /** Advances by `duration` milliseconds, firing what falls due and letting promises settle between timers. */
  async advance(duration: number): Promise<void> {
    const end = this.#now + duration;
    await settle();
    for (let next = this.#nextBefore(end); next !== undefined; next = this.#nextBefore(end)) {
      const timer = this.#timers.get(next);
      this.#timers.delete(next);
      if (timer === undefined) continue;
      this.#now = Math.max(this.#now, timer.at);
      timer.action();
      await settle();
    }
    this.#now = end;
  }

  #nextBefore(end: number): number | undefined {
    let best: { id: number; at: number } | undefined;
    for (const [id, { at }] of this.#timers) {
      if (at <= end && (best === undefined || at < best.at)) best = { id, at };
    }
    return best?.id;
  }
}

/** Lets promise chains and immediate I/O callbacks run before time moves on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
