/** What every part of a rehearsal works with: the target, the workload, the customers' record, and a way to say what happens. */

import type { AccountClients } from '../aws/account-clients.ts';
import { sleep } from '../kernel/clock.ts';
import { messageOf, terminalError, usageError } from '../kernel/errors.ts';
import type { Customers, Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';
import type { Names } from '../workload/names.ts';
import { namesOf } from '../workload/names.ts';
import type { Instant, Listener, Moment, Phase } from './events.ts';
import { FaultSchedule } from './fault-schedule.ts';
import { CustomerRecord } from './record.ts';
import type { Scenario } from './scenario.ts';
import type { OutsideProgram, Target } from './target.ts';

/** Speeds by what is going on: waits of set-up and reseeding are dull, what is measured must not be blurred. */
export interface Speeds {
  readonly dull: number | 'max';
  readonly measured: number;
}

/** Real milliseconds between two looks at least. */
const realPause = 500;

export class Stage {
  readonly target: Target;
  readonly workload: Workload;
  readonly scenario: Scenario;
  readonly speeds: Speeds;
  readonly names: Names;
  readonly faults: FaultSchedule;
  readonly moments: Partial<Record<Moment, Instant>> = {};
  /** Sides that a hand has made dark: they can't be asked. */
  readonly down = new Set<Side>();
  /** Told of each moment as it comes. */
  onMoment: (moment: Moment, at: Instant) => void = () => {};
  readonly #listener: Listener;
  readonly #realNow: () => number;
  readonly #began: number;
  #phase: Phase = 'set-up';
  #phaseBegan: Instant;
  readonly #measuredSpeeds: Record<string, number> = {};
  #regionAt: ((address: string) => string) | undefined;
  record: CustomerRecord | undefined;

  constructor(options: {
    target: Target;
    workload: Workload;
    scenario: Scenario;
    speeds: Speeds;
    listener: Listener;
    realNow: () => number;
    began: number;
  }) {
    this.target = options.target;
    this.workload = options.workload;
    this.scenario = options.scenario;
    this.speeds = options.speeds;
    this.names = namesOf(options.workload);
    this.faults = new FaultSchedule(options.scenario.faults, options.target, (state, says) =>
      this.#listener({ kind: 'fault', at: this.now(), state, says }),
    );
    this.#listener = options.listener;
    this.#realNow = options.realNow;
    this.#began = options.began;
    this.#phaseBegan = this.now();
  }

  now(): Instant {
    return { aws: this.target.clock.now(), real: this.#realNow() - this.#began };
  }

  /** An instant of AWS time in the past of this rehearsal. */
  at(aws: number): Instant {
    return { aws, real: this.target.realTimeOf(aws) - this.#began };
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase, speed: number | 'max', says: string): void {
    this.#closePhase();
    this.#phase = phase;
    this.target.setSpeed(speed);
    this.#listener({ kind: 'phase', at: this.now(), phase, says });
  }

  progress(says: string, done?: number, of?: number): void {
    this.#listener({
      kind: 'progress',
      at: this.now(),
      phase: this.#phase,
      says,
      ...(done === undefined ? {} : { done }),
      ...(of === undefined ? {} : { of }),
    });
  }

  moment(moment: Moment, says: string, aws = this.target.clock.now()): Instant {
    const known = this.moments[moment];
    if (known !== undefined) return known;
    const at = this.at(aws);
    this.moments[moment] = at;
    this.#listener({ kind: 'moment', at, moment, says });
    this.faults.begin(moment, at.aws);
    this.onMoment(moment, at);
    return at;
  }

  readonly say: Listener = (event) => this.#listener(event);

  problem(says: string): void {
    this.#listener({ kind: 'problem', at: this.now(), says });
  }

  /** AWS seconds per real second, as measured over each phase. */
  speedsMeasured(): Readonly<Record<string, number>> {
    this.#closePhase();
    return this.#measuredSpeeds;
  }

  clients(side: Side): AccountClients {
    return this.target.clients(regionOf(this.workload, side));
  }

  /**
   * Waits until `look` answers something, asking each `everySeconds` of AWS time, and no more often than each half real second: looking
   * costs what the workload needs on a small machine, and nothing is timed by when it was looked at. An error of a look is a look that saw nothing.
   * @throws a terminal error saying what was waited for, once `withinSeconds` of AWS time have passed.
   */
  async until<T>(
    what: string,
    withinSeconds: number,
    everySeconds: number,
    look: () => Promise<T | undefined | false>,
  ): Promise<T> {
    const { clock } = this.target;
    const deadline = clock.now() + 1000 * withinSeconds;
    let last = '';
    for (;;) {
      try {
        const seen = await look();
        if (seen !== undefined && seen !== false) return seen;
        last = '';
      } catch (error) {
        last = messageOf(error);
      }
      if (clock.now() >= deadline) {
        throw terminalError(
          `Waited ${withinSeconds} AWS s in vain for: ${what}.${last === '' ? '' : ` The last look failed: ${last}`}`,
        );
      }
      await sleep(clock, Math.max(1000 * everySeconds, Math.min(60_000, realPause * this.target.speed())));
    }
  }

  sideOf(region: string): Side | undefined {
    return (['primary', 'recovery'] as const).find((side) => regionOf(this.workload, side) === region);
  }

  /** The Region an address of the public name stands in; empty for any other. */
  regionAt(address: string): string {
    return this.#regionAt?.(address) ?? '';
  }

  /** The customers' program, and the record it keeps. */
  follow(customers: OutsideProgram): void {
    this.#regionAt = (address) => customers.regionThatAnswered(address, 0);
    this.record = new CustomerRecord(customers.log, (address, port) => customers.regionThatAnswered(address, port));
  }

  /** How customers write. @throws a usage error when the config doesn't say. */
  get customers(): Customers {
    const { customers } = this.workload.sandbox;
    if (customers === undefined) {
      throw usageError("A rehearsal has to know how the workload's customers write.", {
        next: 'Add sandbox.customers to the config.',
      });
    }
    return customers;
  }

  /** The customers' record. @throws before there are customers. */
  get attempts(): CustomerRecord {
    if (this.record === undefined) throw new Error('There are no customers yet.');
    return this.record;
  }

  #closePhase(): void {
    const now = this.now();
    const real = now.real - this.#phaseBegan.real;
    if (real > 0) this.#measuredSpeeds[this.#phase] = Math.round(((now.aws - this.#phaseBegan.aws) / real) * 10) / 10;
    this.#phaseBegan = now;
  }
}
