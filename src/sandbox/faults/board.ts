/**
 * The faults that stand. Most kinds are only looked up here by what they concern (a call, a launch, a delivery); those that change
 * something when they come and go have an actor.
 */

import type { Ids } from '../../kernel/ids.ts';
import type { FaultKind, FaultOf, FaultSpec } from './specs.ts';

export interface StandingFault {
  readonly id: string;
  readonly spec: FaultSpec;
  /** AWS time, epoch milliseconds. */
  readonly since: number;
}

/** What looks faults up. */
export interface StandingFaults {
  /** The faults of a kind that stand now, oldest first. */
  standing<Kind extends FaultKind>(kind: Kind): readonly FaultOf<Kind>[];
}

/** Makes a fault of one kind happen, and undoes it. */
export interface FaultActor<Kind extends FaultKind> {
  raise(spec: FaultOf<Kind>): Promise<void> | void;
  lift(spec: FaultOf<Kind>): Promise<void> | void;
}

export type FaultActors = { readonly [Kind in FaultKind]?: FaultActor<Kind> };

export class FaultBoard implements StandingFaults {
  readonly #ids: Ids;
  readonly #now: () => number;
  readonly #actors = new Map<FaultKind, FaultActor<FaultKind>>();
  readonly #faults = new Map<string, StandingFault>();

  constructor(ids: Ids, now: () => number) {
    this.#ids = ids;
    this.#now = now;
  }

  /** Services and the network bring the actors of the kinds they carry out. */
  act(actors: FaultActors): void {
    for (const [kind, actor] of Object.entries(actors))
      this.#actors.set(kind as FaultKind, actor as FaultActor<FaultKind>);
  }

  async raise(spec: FaultSpec): Promise<StandingFault> {
    const fault = { id: `fault-${this.#ids.hex(8)}`, spec, since: this.#now() };
    await this.#actors.get(spec.kind)?.raise(spec);
    this.#faults.set(fault.id, fault);
    return fault;
  }

  /** Answers the fault, or undefined when none of that id stands. */
  async lift(id: string): Promise<StandingFault | undefined> {
    const fault = this.#faults.get(id);
    if (fault === undefined) return undefined;
    this.#faults.delete(id);
    await this.#actors.get(fault.spec.kind)?.lift(fault.spec);
    return fault;
  }

  list(): readonly StandingFault[] {
    return [...this.#faults.values()];
  }

  standing<Kind extends FaultKind>(kind: Kind): readonly FaultOf<Kind>[] {
    return this.list().flatMap(({ spec }) => (spec.kind === kind ? [spec as FaultOf<Kind>] : []));
  }
}
