/**
 * The faults that stand. Most kinds are only looked up here by what they concern (a call, a launch, a delivery); those that change
 * something when they come and go have an actor.
 */

import type { Ids } from '../../kernel/ids.ts';
import type { CallNames } from './calls.ts';
import { checkCalls } from './calls.ts';
import { checkPlaces } from './places.ts';
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

/** What a kind needs beyond being looked up. While `raise` and `lift` run, the board shows already what will be. */
export interface FaultActor<Kind extends FaultKind> {
  /** Throws a usage error for what the fault names and isn't there. */
  check?(spec: FaultOf<Kind>): void;
  /** Makes the fault happen, and undoes it. */
  raise?(spec: FaultOf<Kind>): Promise<void> | void;
  lift?(spec: FaultOf<Kind>): Promise<void> | void;
}

export type FaultActors = { readonly [Kind in FaultKind]?: FaultActor<Kind> };

export class FaultBoard implements StandingFaults {
  readonly #ids: Ids;
  readonly #now: () => number;
  readonly #regions: readonly string[];
  readonly #actors = new Map<FaultKind, FaultActor<FaultKind>>();
  readonly #faults = new Map<string, StandingFault>();
  /** What stands, by kind: asked for on every call, so it is put together only when it changes. */
  readonly #standing = new Map<FaultKind, readonly FaultSpec[]>();

  /** What can be called here: a fault about any other call is refused. Whoever knows the services says so. */
  calls: (() => CallNames) | undefined;

  /** Told of what stands whenever that changed. */
  onChange: (faults: readonly StandingFault[]) => void = () => {};

  constructor(ids: Ids, now: () => number, regions: readonly string[]) {
    this.#ids = ids;
    this.#now = now;
    this.#regions = regions;
  }

  /** Services and the network bring the actors of the kinds they carry out. */
  act(actors: FaultActors): void {
    for (const [kind, actor] of Object.entries(actors)) {
      if (this.#actors.has(kind as FaultKind)) throw new Error(`Two actors carry out the fault ${kind}.`);
      this.#actors.set(kind as FaultKind, actor as FaultActor<FaultKind>);
    }
  }

  /** Throws a usage error, before anything changes, for a fault about something this sandbox doesn't have. */
  async raise(spec: FaultSpec): Promise<StandingFault> {
    checkPlaces(spec, this.#regions);
    if (this.calls !== undefined) checkCalls(spec, this.calls());
    const actor = this.#actors.get(spec.kind);
    actor?.check?.(spec);
    const fault = { id: `fault-${this.#ids.hex(8)}`, spec, since: this.#now() };
    this.#faults.set(fault.id, fault);
    this.#changed(spec.kind);
    try {
      await actor?.raise?.(spec);
    } catch (error) {
      this.#faults.delete(fault.id);
      this.#changed(spec.kind);
      throw error;
    }
    this.onChange(this.list());
    return fault;
  }

  /** Answers the fault, or undefined when none of that id stands. */
  async lift(id: string): Promise<StandingFault | undefined> {
    const fault = this.#faults.get(id);
    if (fault === undefined) return undefined;
    this.#faults.delete(id);
    this.#changed(fault.spec.kind);
    await this.#actors.get(fault.spec.kind)?.lift?.(fault.spec);
    this.onChange(this.list());
    return fault;
  }

  /** Faults of an earlier life stand again, without being made to happen: see `again`. */
  restore(faults: readonly StandingFault[]): void {
    for (const fault of faults) this.#faults.set(fault.id, fault);
  }

  /** Makes restored faults of these kinds happen again. */
  async again(isWanted: (kind: FaultKind) => boolean): Promise<void> {
    for (const { spec } of this.list()) if (isWanted(spec.kind)) await this.#actors.get(spec.kind)?.raise?.(spec);
  }

  list(): readonly StandingFault[] {
    return [...this.#faults.values()];
  }

  standing<Kind extends FaultKind>(kind: Kind): readonly FaultOf<Kind>[] {
    return (this.#standing.get(kind) ?? nothing) as readonly FaultOf<Kind>[];
  }

  #changed(kind: FaultKind): void {
    this.#standing.set(
      kind,
      this.list().flatMap(({ spec }) => (spec.kind === kind ? [spec] : [])),
    );
  }
}

const nothing: readonly never[] = [];
