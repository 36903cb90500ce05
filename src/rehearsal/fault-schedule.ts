/** A scenario's faults, raised and lifted at their moments of AWS time. */

import type { Timer } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { FaultStep } from './scenario.ts';
import type { FaultData, Target } from './target.ts';

export class FaultSchedule {
  /** Steps that couldn't be taken: a scenario whose faults don't happen shows nothing. */
  readonly failures: string[] = [];
  readonly #steps: readonly FaultStep[];
  readonly #target: Pick<Target, 'clock' | 'raise'>;
  readonly #tell: (state: 'raised' | 'lifted', says: string) => void;
  readonly #ahead: Set<FaultStep>;
  readonly #standing = new Map<FaultStep, { readonly says: string; readonly lift: () => Promise<void> }>();
  #timers: Timer[] = [];
  /** One after the other: a lift never overtakes its raise. */
  #work: Promise<void> = Promise.resolve();

  constructor(
    steps: readonly FaultStep[],
    target: Pick<Target, 'clock' | 'raise'>,
    tell: (state: 'raised' | 'lifted', says: string) => void,
  ) {
    this.#steps = steps;
    this.#ahead = new Set(steps);
    this.#target = target;
    this.#tell = tell;
  }

  /** The moment from which these steps count came, now or at `came` (epoch milliseconds). */
  begin(moment: FaultStep['after'], came = this.#target.clock.now()): void {
    for (const step of this.#steps) {
      if (step.after !== moment) continue;
      const take = () => this.#then(() => this.#take(step));
      const delay = Math.max(0, came + 1000 * step.at - this.#target.clock.now());
      this.#timers.push(this.#target.clock.after(delay, take));
    }
  }

  /** Steps that haven't been taken. */
  get ahead(): readonly FaultStep[] {
    return [...this.#ahead];
  }

  /** No further step is taken, and whatever stands is lifted, the last one first. */
  async end(): Promise<void> {
    for (const timer of this.#timers.splice(0)) timer.cancel();
    this.#then(async () => {
      for (const step of [...this.#standing.keys()].reverse()) await this.#lift(step);
    });
    await this.#work;
  }

  async #take(step: FaultStep): Promise<void> {
    this.#ahead.delete(step);
    if ('raise' in step) {
      const says = wordsOf(step.raise);
      const lift = await this.#target.raise(step.raise);
      this.#standing.set(step, { says, lift });
      this.#tell('raised', says);
      return;
    }
    for (const raised of this.#steps) if ('raise' in raised && raised.name === step.lift) await this.#lift(raised);
  }

  async #lift(step: FaultStep): Promise<void> {
    const standing = this.#standing.get(step);
    if (standing === undefined) return;
    this.#standing.delete(step);
    await standing.lift();
    this.#tell('lifted', standing.says);
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.failures.push(`a fault of the scenario couldn't be raised or lifted: ${messageOf(error)}`);
    });
  }
}

const wordsOf = ({ kind, ...parameters }: FaultData): string =>
  [kind, ...Object.entries(parameters).map(([name, value]) => `${name}=${String(value)}`)].join(' ');
