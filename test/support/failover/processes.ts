/**
 * Who is at work: a process, and in it one asking of a step. Everything the product does goes through its clients, the SQL door and its
 * clock, so a process that was killed is one that none of them answers any more: its code stands still for ever where it was.
 *
 * Each call is a point named by its step, the step's asking and how many of its kind came before it there, `PromoteReplica#3
 * rds.DescribeDBInstances:2`: what goes on beside it doesn't change it. Trouble is asked for at each point, before the call and after it had its effect.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../../src/kernel/clock.ts';

export type When = 'before' | 'after';

/** What happens at a point: the asking is killed there, the whole process is, or the call fails as said. */
export type Trouble = { readonly kill: 'asking' | 'process' } | { readonly fail: Error };

export interface Point {
  readonly name: string;
  readonly step: string;
  readonly asking: number;
  /** `rds.PromoteReadReplica`, or `sql CREATE EVENT`. */
  readonly call: string;
}

class Mortal {
  alive = true;
  kill: () => void = () => {};
  /** Settles when it is killed. */
  readonly killed = new Promise<void>((resolve) => {
    this.kill = () => {
      this.alive = false;
      resolve();
    };
  });
}

export class Process extends Mortal {
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

export class Asking extends Mortal {
  readonly calls = new Map<string, number>();

  readonly process: Process;
  readonly step: string;
  readonly number: number;
  /** The asking of a step it answers for: the SQL function's. */
  readonly behind: Asking | undefined;

  constructor(process: Process, step: string, number: number, behind?: Asking) {
    super();
    this.process = process;
    this.step = step;
    this.number = number;
    this.behind = behind;
  }

  get lives(): boolean {
    return this.alive && this.process.alive;
  }
}

export class Processes {
  readonly points: Point[] = [];
  trouble: (point: Point, when: When) => Trouble | undefined = () => undefined;
  /** How long a call takes to come to its service, where who comes first is at stake. */
  pace: (point: Point, process: Process) => Promise<void> | undefined = () => undefined;
  /** Calls on their way, and how many there were: what tells that everybody waits for the clock. */
  underWay = 0;
  turns = 0;
  readonly #now = new AsyncLocalStorage<Asking | Process>();
  readonly #askings = new Map<string, number>();

  get current(): Asking | undefined {
    const store = this.#now.getStore();
    return store instanceof Asking ? store : undefined;
  }

  run<T>(process: Process, work: () => Promise<T>): Promise<T> {
    return this.#now.run(process, work);
  }

  /** Work outside of all of them: what AWS does by itself. */
  apart<T>(work: () => T): T {
    return this.#now.exit(work);
  }

  ask<T>(process: Process, step: string, work: (asking: Asking) => Promise<T>): Promise<T> {
    const behind = this.current;
    const number = behind === undefined ? (this.#askings.get(step) ?? 0) + 1 : behind.number;
    if (behind === undefined) this.#askings.set(step, number);
    const asking = new Asking(process, step, number, behind);
    return this.#now.run(asking, () => work(asking));
  }

  /** One call of whoever is at work, with whatever trouble it meets. */
  async call<T>(name: string, effect: () => Promise<T>): Promise<T> {
    const asking = this.current;
    if (asking === undefined) return this.#counted(effect);
    if (!asking.lives) return never();
    const root = asking.behind ?? asking;
    const nth = (root.calls.get(name) ?? 0) + 1;
    root.calls.set(name, nth);
    const point = {
      name: `${root.step}#${root.number} ${name}:${nth}`,
      step: root.step,
      asking: root.number,
      call: name,
    };
    this.points.push(point);
    await this.#meet(asking, this.trouble(point, 'before'));
    await this.pace(point, asking.process);
    if (!asking.lives) return never();
    // What it is told is the end of a call too, be it an error.
    const [answered] = await Promise.allSettled([this.#counted(effect)]);
    if (!asking.lives) return never();
    await this.#meet(asking, this.trouble(point, 'after'));
    if (answered.status === 'rejected') throw answered.reason;
    return answered.value;
  }

  async #meet(asking: Asking, trouble: Trouble | undefined): Promise<void> {
    if (trouble === undefined) return;
    if ('fail' in trouble) throw trouble.fail;
    if (trouble.kill === 'process') asking.process.kill();
    else asking.kill();
    return never();
  }

  async #counted<T>(effect: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    this.turns += 1;
    try {
      return await effect();
    } finally {
      this.underWay -= 1;
      this.turns += 1;
    }
  }

  /** A clock whose timers die with whoever set them. */
  mortal(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      after: (delay, action) => {
        const owner = this.#now.getStore();
        const lives = () => owner === undefined || (owner instanceof Asking ? owner.lives : owner.alive);
        return clock.after(delay, () => {
          if (lives()) action();
        });
      },
    };
  }
}

const never = (): Promise<never> => new Promise(() => {});
