/** One direction of a relayed connection: what `source` sends reaches `sink` in order, late, and only while the way is open. */

import type { Socket } from 'node:net';
import type { Place } from '../contract.ts';
import type { Links } from './links.ts';

/** Bytes held back before the source is read no further. */
const window = 4 * 1024 * 1024;

type Packet =
  | { readonly kind: 'data'; readonly due: number; readonly bytes: Buffer }
  | { readonly kind: 'end'; readonly due: number }
  | { readonly kind: 'reset'; readonly due: number };

export class Direction {
  readonly #links: Links;
  readonly #from: Place;
  readonly #to: Place;
  readonly #source: Socket;
  #sink: Socket | undefined;
  #packets: Packet[] = [];
  #held = 0;
  #blocked = false;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(links: Links, from: Place, to: Place, source: Socket) {
    this.#links = links;
    this.#from = from;
    this.#to = to;
    this.#source = source;
    source.on('data', (bytes: Buffer) => {
      this.#held += bytes.length;
      if (this.#held >= window) source.pause();
      this.#push({ kind: 'data', due: this.#due(), bytes });
    });
    source.once('end', () => {
      this.#ended = true;
      // A host that went dark sends no farewell: its peers hear of it when it is back, by a reset.
      if (this.#links.isDark(from)) this.#dropForReset();
      else this.#push({ kind: 'end', due: this.#due() });
    });
    source.once('close', () => {
      if (this.#ended && source.writableFinished) return;
      if (this.#links.isDark(from)) this.#dropForReset();
      else this.#push({ kind: 'reset', due: this.#due() });
    });
    source.resume();
  }

  /** Nothing is waiting to be delivered. */
  get idle(): boolean {
    return this.#packets.length === 0;
  }

  deliverTo(sink: Socket): void {
    this.#sink = sink;
    sink.on('drain', () => {
      this.#blocked = false;
      this.move();
    });
    this.move();
  }

  /** Delivers what is due, if the way is open. */
  move(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const sink = this.#sink;
    if (sink === undefined) return;
    while (!this.#blocked) {
      const packet = this.#packets[0];
      if (packet === undefined || !this.#links.reachable(this.#from, this.#to)) return;
      const wait = packet.due - performance.now();
      if (wait > 0.5) {
        this.#timer = setTimeout(() => this.move(), Math.max(1, Math.round(wait)));
        return;
      }
      this.#packets.shift();
      this.#deliver(packet, sink);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#packets = [];
    this.#sink = undefined;
  }

  #deliver(packet: Packet, sink: Socket): void {
    if (packet.kind === 'reset') sink.resetAndDestroy();
    else if (packet.kind === 'end') sink.end();
    else {
      this.#held -= packet.bytes.length;
      if (this.#held < window / 2 && this.#source.isPaused()) this.#source.resume();
      if (!sink.destroyed) this.#blocked = !sink.write(packet.bytes);
    }
  }

  #push(packet: Packet): void {
    this.#packets.push(packet);
    this.move();
  }

  #dropForReset(): void {
    this.#packets = [];
    this.#push({ kind: 'reset', due: 0 });
  }

  #due(): number {
    return performance.now() + this.#links.realDelay(this.#from, this.#to);
  }
}
