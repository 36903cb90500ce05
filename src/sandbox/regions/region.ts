/** One Region at run time: whether it is dark, its clock and its machines. */

import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.ts';
import type { Machine, Network, NodeMachineSpec, RegionMachines, RegionRuntime } from '../contract.ts';
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

export class Region implements RegionRuntime {
  readonly name: string;
  readonly clock: RegionClock;
  readonly machines: RegionMachines;
  readonly #options: RegionOptions;
  #group: MachineGroup;
  #dark = false;

  constructor(options: RegionOptions) {
    this.name = options.name;
    this.clock = new RegionClock(options.clock);
    this.#options = options;
    this.#group = this.#newGroup();
    this.machines = {
      spawn: (spec) => this.#group.spawn(spec),
      spawnNode: (spec) => this.#spawnNode(spec),
      list: (): readonly Machine[] => this.#group.list(),
    };
  }

  get dark(): boolean {
    return this.#dark;
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
    if (spec.address !== undefined) return this.#group.spawn(nodeMachine(spec, inside));
    const address = network.allocate(this.name);
    try {
      const machine = await this.#group.spawn(nodeMachine({ ...spec, address }, inside));
      void machine.exited.then(() => network.release(address));
      return machine;
    } catch (error) {
      network.release(address);
      throw error;
    }
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
