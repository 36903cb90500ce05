/** A token bucket: each call takes from it, and time fills it up again to the brim. */

import type { BucketSize } from '../../facts/limits.ts';

export class TokenBucket {
  readonly #size: BucketSize;
  #tokens: number;
  #filledAt: number;

  /** Times are epoch milliseconds of AWS time. */
  constructor(size: BucketSize, now: number) {
    this.#size = size;
    this.#tokens = size.capacity;
    this.#filledAt = now;
  }

  /** Takes the tokens if they are there, and says whether. */
  take(tokens: number, now: number): boolean {
    const { capacity, refill } = this.#size;
    this.#tokens = Math.min(capacity, this.#tokens + ((now - this.#filledAt) * refill) / 1000);
    this.#filledAt = now;
    if (this.#tokens + rounding < tokens) return false;
    this.#tokens -= tokens;
    return true;
  }
}

/** Ten refills of a tenth must make a whole token. */
const rounding = 1e-9;
