/** Drawing from a seeded stream: the same seed and number always make the same request. */

import type { Random } from '../../src/kernel/ids.ts';
import { seededRandom } from '../../src/kernel/ids.ts';

export interface Draw {
  /** True once in `times`. */
  once(times: number): boolean;
  /** A whole number in [0, below). */
  below(below: number): number;
  of<T>(choices: readonly [T, ...T[]] | readonly T[]): T;
  next(): number;
}

/** The draws of one request: `index` of the run started with `seed`. */
export const drawOf = (seed: number, index: number): Draw =>
  draw(seededRandom((Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0));

function draw(random: Random): Draw {
  const below = (bound: number): number => Math.floor(random.next() * bound);
  return {
    next: () => random.next(),
    below,
    once: (times) => below(times) === 0,
    of<T>(choices: readonly T[]): T {
      const chosen = choices[below(choices.length)];
      if (choices.length === 0) throw new Error('Nothing to draw from.');
      return chosen as T;
    },
  };
}
