/** One Region at run time: whether it is dark, its clock and its machines. */

import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.ts';
import type { Machine, MachineSpec, Network, NodeMachineSpec, RegionMachines, RegionRuntime } from '../contract.ts';
import { MachineGroup } from '../machines/group.ts';
import { type InsideOptions, nodeMachine } from '../machines/node-machine.ts';
import { markName } from '../machines/runs.ts';
import { RegionClock } from './region-clock.ts';

export interface RegionOptions {
  readonly name: string;
  readonly sandbox: string;
  readonly directory: string;
  readonly clock: Clock;
  readonly inside: InsideOptions;
  readonly network: Pick<Network, 'allocate' | 'release'>;
  /** Told of every new process group, before anything runs in it. */
  readonly onGroup: (group: MachineGroup) => void;
}

export interface Caller {
  /** Where its connections come from, or count as coming from. */
  readonly address: string;
  /** A program that binds no address when it calls. */
  readonly isForeign: boolean;
}

export class Region implements RegionRuntime {
  readonly name: string;
  readonly clock: RegionClock;
  readonly machines: RegionMachines;
  readonly #options: RegionOptions;
  #group: MachineGroup;
  /** Of every process that was started with an address: a program that is over has none. */
  readonly #callers = new Map<number, Caller>();
  #dark = false;

  constructor(options: RegionOptions) {
    this.name = options.name;
    this.clock = new RegionClock(options.clock);
    this.#options = options;
    this.#group = this.#newGroup();
    this.machines = {
      spawn: (spec) => this.#spawn(spec, spec.address, true),
      spawnNode: (spec) => this.#spawnNode(spec),
      list: (): readonly Machine[] => this.#group.list(),
    };
  }

  get dark(): boolean {
    return this.#dark;
  }

  /** The machines that have an address, by their process. */
  get callers(): ReadonlyMap<number, Caller> {
    return this.#callers;
  }

  get group(): MachineGroup {
    return this.#group;
  }

  /** Time stands still until `resume`, as when the power has just come back. */
  pause(): void {
    this.clock.freeze();
  }

  /** The power fails: the clock stops and every process is killed. */
  async powerOff(): Promise<void> {
    this.#dark = true;
    this.clock.freeze();
    await this.#group.end();
  }

  /** The power is back: an empty process group. The clock stands still until `resume`. */
  powerOn(): void {
    this.#group = this.#newGroup();
    this.#dark = false;
  }

  resume(): void {
    this.clock.thaw();
  }

  /** A program that is given no address gets one for as long as it lives: where it stands is told by it. */
  async #spawnNode(spec: NodeMachineSpec): Promise<Machine> {
    const { inside, network } = this.#options;
    if (spec.address !== undefined) return this.#spawn(nodeMachine(spec, inside), spec.address);
    const address = network.allocate(this.name);
    try {
      const machine = await this.#spawn(nodeMachine({ ...spec, address }, inside), address);
      void machine.exited.then(() => network.release(address));
      return machine;
    } catch (error) {
      network.release(address);
      throw error;
    }
  }

  async #spawn(spec: MachineSpec, address: string | undefined, isForeign = false): Promise<Machine> {
    const machine = await this.#group.spawn(spec);
    if (address === undefined) return machine;
    this.#callers.set(machine.pid, { address, isForeign });
    void machine.exited.then(() => this.#callers.delete(machine.pid));
    return machine;
  }

  #newGroup(): MachineGroup {
    const { sandbox, name, directory } = this.#options;
    const group = new MachineGroup({
      mark: { name: markName, value: `${sandbox}/${name}` },
      logs: join(directory, name, 'logs'),
    });
    this.#options.onGroup(group);
    return group;
  }
}
