/** CLOCK_REALTIME finer than Date.now(): the offset from monotonic time, found on the edges of milliseconds and followed from there. */

export class WallOffset {
  readonly #monotonic: () => number;
  readonly #wall: () => number;
  #offset: number;

  constructor(monotonic: () => number, wall: () => number = () => Date.now()) {
    this.#monotonic = monotonic;
    this.#wall = wall;
    this.#offset = this.#onEdge();
  }

  /** Wall-clock time now, in milliseconds with microseconds behind the point. */
  now(): number {
    const monotonic = this.#monotonic();
    const floor = this.#wall();
    const estimate = this.#offset + monotonic;
    // Date.now() cuts off: the truth lies in [floor, floor + 1). Anything else means that the wall clock was moved.
    if (estimate >= floor && estimate < floor + 1) return estimate;
    this.#offset = this.#onEdge();
    return this.#offset + this.#monotonic();
  }

  #onEdge(): number {
    const start = this.#wall();
    let wall = start;
    while (wall === start) wall = this.#wall();
    return wall - this.#monotonic();
  }
}
