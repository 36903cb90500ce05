/** One look at something that may not answer: what was seen, or why nothing was. */

import type { Clock } from '../kernel/clock.ts';
import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';

/** Something looked at, or why it couldn't be. Times are epoch milliseconds. */
export type Seen<T> = { readonly at: number; readonly value: T } | { readonly at: number; readonly problem: string };

/** Never rejects. @param patience milliseconds after which what hasn't answered is given up on */
export async function seen<T>(clock: Clock, patience: number, look: () => Promise<T>): Promise<Seen<T>> {
  const over = new AbortController();
  try {
    const late = sleep(clock, patience, over.signal).then(() => {
      throw new Error(`no answer in ${patience / 1000} s`);
    });
    // Aborted in the end whoever came first, and nobody waits for it then.
    late.catch(() => {});
    const value = await Promise.race([look(), late]);
    return { at: clock.now(), value };
  } catch (error) {
    return { at: clock.now(), problem: messageOf(error) };
  } finally {
    over.abort();
  }
}
