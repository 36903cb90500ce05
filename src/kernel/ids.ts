/** Ids and randomness, passed in: random for production, seeded where a run has to be repeatable. */

import { randomBytes } from 'node:crypto';

export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

export interface Ids {
  /** An RFC 4122 version 4 UUID. */
  uuid(): string;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
}

/** Cryptographic randomness. */
export const systemRandom: Random = { next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48 };

/** Drawn many at a time: asking the system costs more than all the rest of an id, and every API call gets one. */
const bytesDrawn = 4096;
let drawn = Buffer.alloc(0);

export const systemIds: Ids = idsFrom((length) => {
  const bytes = Math.ceil(length / 2);
  if (bytes > drawn.length) drawn = randomBytes(Math.max(bytesDrawn, bytes));
  // Written out apart: a part of one long text would keep all of it.
  const digits = drawn.toString('hex', 0, bytes);
  drawn = drawn.subarray(bytes);
  return digits.length === length ? digits : digits.slice(0, length);
});

/** Mulberry32: small, fast, good enough for drawing delays and faults; never for secrets. */
export const seededRandom = (seed: number): Random => new SeededDraws(seed);

/** A seeded sequence that knows how far it has gone, and can begin further on: at the number after `drawn` others. */
export class SeededDraws implements Random {
  #state: number;
  #drawn: number;
  readonly #onDraw: ((drawn: number) => void) | undefined;

  /** `onDraw` is told how many had been drawn before each number. */
  constructor(seed: number, drawn = 0, onDraw?: (drawn: number) => void) {
    this.#state = (seed + Math.imul(drawn, step)) >>> 0;
    this.#drawn = drawn;
    this.#onDraw = onDraw;
  }

  get drawn(): number {
    return this.#drawn;
  }

  next(): number {
    this.#onDraw?.(this.#drawn);
    this.#drawn++;
    this.#state = (this.#state + step) >>> 0;
    const state = this.#state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

const step = 0x6d2b79f5;

export function seededIds(random: Random): Ids {
  return idsFrom((length) => Array.from({ length }, () => Math.floor(random.next() * 16).toString(16)).join(''));
}

function idsFrom(hex: (length: number) => string): Ids {
  return {
    hex,
    uuid() {
      const digits = hex(32);
      const variant = ((Number.parseInt(digits.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
    },
  };
}
