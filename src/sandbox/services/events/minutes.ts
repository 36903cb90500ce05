/** Something done at each full minute of a Region's time, for as long as there is a reason to. */

import type { SandboxCore } from '../../contract.ts';

const minute = 60_000;

/** One timer per Region, set only while `tick` answers that it wants the next minute too. */
export class Minutes {
  readonly #core: SandboxCore;
  readonly #tick: (region: string, minute: number) => boolean;
  readonly #running = new Set<string>();

  constructor(core: SandboxCore, tick: (region: string, minute: number) => boolean) {
    this.#core = core;
    this.#tick = tick;
  }

  ensure(region: string): void {
    if (this.#running.has(region)) return;
    this.#running.add(region);
    this.#wait(region);
  }

  #wait(region: string): void {
    const { clock } = this.#core.region(region);
    clock.after(minute - (clock.now() % minute), () => {
      if (this.#tick(region, Math.floor(clock.now() / minute) * minute)) this.#wait(region);
      else this.#running.delete(region);
    });
  }
}
