/**
 * Receivers that wait for a message. They wait on the Region's clock, and those that stood in a Region when it went dark are gone: they
 * are let go without a message when it returns, as their connections were.
 */

import type { Clock } from '../../../kernel/clock.ts';

export class Waiters {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #outages = new Map<string, number>();

  /** Answers after `milliseconds`, or as soon as the queue has something. */
  wait(region: string, queue: string, clock: Clock, milliseconds: number): Promise<void> {
    const key = `${region}/${queue}`;
    const set = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, set);
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        set.delete(wake);
        resolve();
      };
      const timer = clock.after(milliseconds, wake);
      set.add(wake);
    });
  }

  wake(region: string, queue: string): void {
    for (const wake of this.#waiting.get(`${region}/${queue}`) ?? []) wake();
  }

  /** Changes when the Region goes dark: whoever remembers an older value is no longer there. */
  outages(region: string): number {
    return this.#outages.get(region) ?? 0;
  }

  regionDark(region: string): void {
    this.#outages.set(region, this.outages(region) + 1);
  }

  regionBack(region: string): void {
    for (const [key, set] of this.#waiting) {
      if (key.startsWith(`${region}/`)) for (const wake of set) wake();
    }
  }
}
