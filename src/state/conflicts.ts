/**
 * Writes to a strongly consistent table of several Regions are refused while another Region writes the same item, and nothing of a refused
 * one is kept. The SDK tries it a few times within a fraction of a second; a flight between far Regions may take longer than that.
 */

import type { Clock } from '../kernel/clock.ts';
import { sleep } from '../kernel/clock.ts';

/** How often the SDK's own tries are begun anew, and milliseconds between: eleven seconds in all. */
const rounds = 10;
const pauseAfter = (round: number): number => Math.min(2000, 100 * 2 ** (round - 1));

/** Sends a write until it is judged: written, or refused for a reason of its own. */
export async function pastConflicts<T>(clock: Clock, write: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await write();
    } catch (error) {
      if (!isConflict(error) || round === rounds) throw error;
    }
    await sleep(clock, pauseAfter(round));
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ReplicatedWriteConflictException';
