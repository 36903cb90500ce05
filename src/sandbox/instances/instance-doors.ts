/**
 * The doors of an instance: for every port its program listens on backstage, the same port at the instance's own address, where the
 * network says who may come in. A program that stops listening closes its door, and callers are refused; in the dark the doors stay,
 * silent as everything there.
 */

import type { Exposure, SandboxCore } from '../contract.ts';
import { listeningPorts } from './listener-watch.ts';
import type { BootSpec } from './machinery.ts';

/** Real milliseconds between looks at what a program listens on. */
const interval = 1000;

export class InstanceDoors {
  readonly #core: SandboxCore;
  readonly #spec: Pick<BootSpec, 'region' | 'address' | 'admits'>;
  /** The address the program really listens on. */
  readonly backstage: string;
  readonly #open = new Map<number, Exposure>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #removed = false;

  constructor(core: SandboxCore, spec: Pick<BootSpec, 'region' | 'address' | 'admits'>) {
    this.#core = core;
    this.#spec = spec;
    this.backstage = core.network.allocate(spec.region);
  }

  /** Opens doors for what is listened on now, and keeps looking. */
  async watch(): Promise<void> {
    clearInterval(this.#timer);
    // It was terminated while it came up: the address may be another's by now.
    if (this.#removed) return;
    this.#timer = setInterval(() => void this.#look(), interval).unref();
    await this.#look();
  }

  /** The program is gone. */
  async shut(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    if (this.#core.region(this.#spec.region).dark) {
      for (const door of this.#open.values()) door.retarget(undefined);
      return;
    }
    await this.#close([...this.#open.keys()]);
  }

  /** The instance is gone. */
  async remove(): Promise<void> {
    if (this.#removed) return;
    this.#removed = true;
    clearInterval(this.#timer);
    await this.#looking;
    await this.#close([...this.#open.keys()]);
    this.#core.network.release(this.backstage);
  }

  #look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#reconcile()).catch((error: unknown) => this.#tell(error));
    return this.#looking;
  }

  async #reconcile(): Promise<void> {
    const ports = listeningPorts(this.backstage);
    if (ports === undefined || this.#core.region(this.#spec.region).dark) return;
    await this.#close([...this.#open.keys()].filter((port) => !ports.includes(port)));
    for (const port of new Set(ports)) {
      const to = { host: this.backstage, port };
      const known = this.#open.get(port);
      if (known !== undefined) known.retarget(to);
      else this.#open.set(port, await this.#expose(port));
    }
  }

  #expose(port: number): Promise<Exposure> {
    const { region, address, admits } = this.#spec;
    return this.#core.network.expose({
      place: region,
      address,
      port,
      to: { host: this.backstage, port },
      admit: (source) => admits(source, port),
    });
  }

  async #close(ports: readonly number[]): Promise<void> {
    const doors = ports.flatMap((port) => this.#open.get(port) ?? []);
    for (const port of ports) this.#open.delete(port);
    await Promise.all(doors.map((door) => door.close()));
  }

  #tell(error: unknown): void {
    const { region, address } = this.#spec;
    this.#core.log({ service: 'ec2', region, text: `couldn't open the doors of ${address}`, error });
  }
}
