/**
 * The warm pool: hosts of all functions of all Regions, twenty of them: each costs some 30 MB, and a new one holds AWS time while
 * it starts, so that fewer than a workload keeps busy in turn would slow a rehearsal down. A function that needs a host takes its own idle one, else a new one in place of the idle host used longest ago. Busy hosts may
 * exceed the size for a while: a function that waits for another must never wait for its place.
 */

import type { SandboxClock, SandboxCore } from '../contract.ts';
import { FunctionHost, startError } from './function-host.ts';
import type { FunctionImage, FunctionRunner, Invocation, Outcome } from './function-image.ts';
import { logEvents } from './host-log.ts';
import { writeLog } from './log-writer.ts';
import { RuntimeApi } from './runtime-api.ts';

const size = 20;

/** The sandbox's clock can keep waits from being skipped while real work is in flight; a test's clock has no need to. */
interface InFlightClock extends SandboxClock {
  during?<T>(work: () => Promise<T>): Promise<T>;
}

export class FunctionPool implements FunctionRunner {
  readonly #core: SandboxCore;
  readonly #apis = new Map<string, Promise<RuntimeApi>>();
  readonly #hosts = new Set<FunctionHost>();
  #uses = 0;

  constructor(core: SandboxCore) {
    this.#core = core;
  }

  /** Runs one invocation to its outcome. Never settles when the Region goes dark meanwhile. */
  async invoke(image: FunctionImage, invocation: Invocation): Promise<Outcome> {
    const clock: InFlightClock = this.#core.clock;
    const work = (): Promise<Outcome | undefined> => this.#run(image, invocation);
    const outcome = await (clock.during === undefined ? work() : clock.during(work));
    // Only the caller is left hanging: what the clock counts and holds for has ended.
    return outcome ?? new Promise<never>(() => {});
  }

  /** Ends the hosts of a function's older revisions: idle ones at once, busy ones after their invocation. */
  retire(region: string, name: string): void {
    for (const host of this.#hosts) {
      if (host.image.region !== region || host.image.name !== name) continue;
      host.retired = true;
      if (!host.busy) this.#end(host);
    }
  }

  /** Forgets the hosts of a Region whose processes were killed. */
  regionDark(region: string): void {
    for (const host of this.#hosts) if (host.image.region === region) this.#end(host);
  }

  async close(): Promise<void> {
    for (const host of this.#hosts) this.#end(host);
    await Promise.all([...this.#apis.values()].map(async (api) => (await api).close()));
  }

  /** Undefined when the Region is dark: there is no answer from there. */
  async #run(image: FunctionImage, invocation: Invocation): Promise<Outcome | undefined> {
    const warm = [...this.#hosts].find((host) => !host.busy && host.fits(image));
    if (warm !== undefined) return this.#use(warm, invocation);
    this.#makeRoom();
    const host = new FunctionHost(this.#core, await this.#api(image.region), image);
    this.#hosts.add(host);
    let failure: string | undefined;
    try {
      failure = await this.#core.clock.hold(() => host.start());
    } catch (error) {
      failure = startError(error);
    }
    if (failure === undefined) return this.#use(host, invocation);
    if (this.#core.region(image.region).dark) {
      this.#end(host);
      return undefined;
    }
    const outcome = await host.neverStarted(invocation, failure);
    this.#write(host, outcome.log, 0);
    this.#end(host);
    return outcome;
  }

  async #use(host: FunctionHost, invocation: Invocation): Promise<Outcome | undefined> {
    host.busy = true;
    host.lastUsed = ++this.#uses;
    const outcome = await host.invoke(invocation);
    host.busy = false;
    if (outcome !== undefined) this.#write(host, outcome.log, outcome.duration);
    if (!host.alive || host.retired || this.#hosts.size > size) this.#end(host);
    return outcome;
  }

  #makeRoom(): void {
    if (this.#hosts.size < size) return;
    const idle = [...this.#hosts].filter((host) => !host.busy);
    const oldest = idle.reduce<FunctionHost | undefined>(
      (least, host) => (least === undefined || host.lastUsed < least.lastUsed ? host : least),
      undefined,
    );
    if (oldest !== undefined) this.#end(oldest);
  }

  #end(host: FunctionHost): void {
    this.#hosts.delete(host);
    host.kill();
  }

  #api(region: string): Promise<RuntimeApi> {
    const known = this.#apis.get(region) ?? RuntimeApi.start(this.#core.network.allocate(region));
    this.#apis.set(region, known);
    return known;
  }

  /** Hands the lines to CloudWatch Logs as the function's role, without making the caller wait. */
  #write({ image, principal, logStream }: FunctionHost, text: string, duration: number): void {
    if (principal === undefined) return;
    const { region, logGroup } = image;
    const now = this.#core.region(region).clock.now();
    const events = logEvents(text, now - duration, now);
    if (events.length > 0) void writeLog(this.#core, { region, principal, logGroup, logStream }, events);
  }
}
