/** What lies between places: the delay of each link, and whether a packet arrives at all. */

import { EventEmitter, once } from 'node:events';
import { outside, type Place } from '../contract.ts';
import { unknownPlace } from './addresses.ts';

/** One-way delays in milliseconds of AWS time. Between Regions: about half of the round trip us-east-1 to us-west-2. */
const defaultDelays = { betweenRegions: 40, fromOutside: 20, inside: 0.2 };

/** How a span of AWS time is waited for: in real time at the nominal rate, so that packets move while AWS time stands still. */
export type RealSpan = (milliseconds: number) => number;

export interface LinkSettings {
  readonly delays: readonly (readonly [link: string, milliseconds: number])[];
  readonly cut: readonly string[];
}

export class Links {
  readonly #places: readonly Place[];
  readonly #realSpan: RealSpan;
  readonly #delays = new Map<string, number>();
  readonly #cut = new Set<string>();
  readonly #dark = new Set<Place>();
  readonly #changed = new EventEmitter().setMaxListeners(0);

  constructor(regions: readonly string[], realSpan: RealSpan) {
    this.#places = [outside, ...regions];
    this.#realSpan = realSpan;
  }

  reachable(from: Place, to: Place): boolean {
    return !this.#dark.has(from) && !this.#dark.has(to) && !this.#cut.has(key(from, to));
  }

  isDark(place: Place): boolean {
    return this.#dark.has(place);
  }

  delay(from: Place, to: Place): number {
    const set = this.#delays.get(key(from, to));
    if (set !== undefined) return set;
    if (from === to) return defaultDelays.inside;
    return from === outside || to === outside ? defaultDelays.fromOutside : defaultDelays.betweenRegions;
  }

  /** One way, in milliseconds of AWS time. */
  setDelay(from: Place, to: Place, milliseconds: number): void {
    if (!(milliseconds >= 0)) throw new RangeError(`A delay is 0 ms or more. Given: ${milliseconds}.`);
    this.#check(from, to);
    this.#delays.set(key(from, to), milliseconds);
  }

  /** Packets from one place to another are lost from now on; the way back is not touched. */
  cut(from: Place, to: Place): void {
    this.#check(from, to);
    this.#cut.add(key(from, to));
    this.#changed.emit('change');
  }

  mend(from: Place, to: Place): void {
    this.#check(from, to);
    this.#cut.delete(key(from, to));
    this.#changed.emit('change');
  }

  setDark(place: Place, dark: boolean): void {
    this.#check(place, place);
    if (dark) this.#dark.add(place);
    else this.#dark.delete(place);
    this.#changed.emit('change');
  }

  /** What was set and cut, for a later life of the same sandbox. */
  get settings(): LinkSettings {
    return { delays: [...this.#delays], cut: [...this.#cut] };
  }

  apply({ delays, cut }: LinkSettings): void {
    for (const [link, milliseconds] of delays) this.#delays.set(link, milliseconds);
    for (const link of cut) this.#cut.add(link);
    this.#changed.emit('change');
  }

  /** Tells `listener` whenever something may have become reachable or unreachable; answers how to stop. */
  onChange(listener: () => void): () => void {
    this.#changed.on('change', listener);
    return () => this.#changed.off('change', listener);
  }

  /** The link's delay in real milliseconds; 0 when too short for a timer. */
  realDelay(from: Place, to: Place): number {
    const span = this.#realSpan(this.delay(from, to));
    return span < 0.5 ? 0 : span;
  }

  async crossing(from: Place, to: Place, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    while (!this.reachable(from, to)) {
      await once(this.#changed, 'change', signal === undefined ? {} : { signal }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw error;
      });
    }
    const span = this.realDelay(from, to);
    if (span > 0) await realSleep(span, signal);
  }

  #check(...places: Place[]): void {
    for (const place of places) if (!this.#places.includes(place)) throw unknownPlace(place, this.#places);
  }
}

const key = (from: Place, to: Place): string => `${from}>${to}`;

function realSleep(span: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      },
      Math.max(1, Math.round(span)),
    );
    signal?.addEventListener('abort', abort, { once: true });
  });
}
