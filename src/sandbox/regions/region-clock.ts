/** AWS time as one Region lives it: its timers wait while it is dark, and those that fell due meanwhile fire in order on its return. */

import type { Clock, Timer } from '../../kernel/clock.ts';

export class RegionClock implements Clock {
  readonly #clock: Clock;
  #frozen = false;
  #overdue: { action: (() => void) | undefined }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  after(delay: number, action: () => void): Timer {
    let overdue: { action: (() => void) | undefined } | undefined;
    const timer = this.#clock.after(delay, () => {
      if (!this.#frozen) {
        action();
        return;
      }
      overdue = { action };
      this.#overdue.push(overdue);
    });
    return {
      cancel() {
        timer.cancel();
        if (overdue !== undefined) overdue.action = undefined;
      },
    };
  }

  freeze(): void {
    this.#frozen = true;
  }

  /** Runs again; what is overdue goes through the clock once more, in the order it fell due. */
  thaw(): void {
    this.#frozen = false;
    const overdue = this.#overdue;
    this.#overdue = [];
    for (const entry of overdue)
      this.#clock.after(0, () => (this.#frozen ? this.#overdue.push(entry) : entry.action?.()));
  }
}
