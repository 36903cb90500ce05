/** Acts wait for their moments: each is done once, so many seconds of AWS time after its moment has come. */

import type { Clock, Timer } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Moment } from '../events.ts';
import type { Act } from './act.ts';
import { wordsOf } from './act.ts';

export class Timetable {
  /** Acts that couldn't be done: a scenario whose acts don't happen shows nothing. */
  readonly failures: string[] = [];
  readonly #acts: readonly Act[];
  readonly #clock: Clock;
  readonly #perform: (act: Act) => Promise<void>;
  readonly #waiting: Set<Act>;
  readonly #timers = new Map<Act, Timer>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(acts: readonly Act[], clock: Clock, perform: (act: Act) => Promise<void>) {
    this.#acts = acts;
    this.#clock = clock;
    this.#perform = perform;
    this.#waiting = new Set(acts);
  }

  /** The moment came, at `at` (epoch milliseconds of AWS time, perhaps of a while ago). */
  comes(moment: Moment, at: number): void {
    for (const act of this.#acts) {
      if (act.after !== moment || !this.#waiting.has(act) || this.#timers.has(act)) continue;
      const delay = Math.max(0, at + 1000 * act.at - this.#clock.now());
      this.#timers.set(
        act,
        this.#clock.after(delay, () => this.#take(act)),
      );
    }
  }

  /** Acts whose moment hasn't come, by that moment. */
  get unborn(): readonly Act[] {
    return [...this.#waiting].filter((act) => !this.#timers.has(act));
  }

  /** Whether everything has been done. */
  get done(): boolean {
    return this.#waiting.size === 0 && this.#underWay.size === 0;
  }

  get underWay(): boolean {
    return this.#underWay.size > 0 || this.#timers.size > 0;
  }

  /** Nothing more is begun; waits for what is under way. */
  async end(): Promise<void> {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    await Promise.all(this.#underWay);
  }

  #take(act: Act): void {
    this.#timers.delete(act);
    this.#waiting.delete(act);
    const work = this.#perform(act)
      .catch((error: unknown) => {
        this.failures.push(`what the scenario does (${wordsOf(act)}) failed: ${messageOf(error)}`);
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }
}
