/** One observer's look: what it tried and what came of it, as a sighting. An observer that fails to look says `unknown`. */

import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Observer, Sighting, Verdict } from '../plan/world.ts';

export type Word = readonly [verdict: Verdict, seen: string];

export async function witness(clock: Clock, observer: Observer, tries: () => Promise<Word> | Word): Promise<Sighting> {
  const [verdict, seen] = await wordOf(tries);
  return { observer, verdict, at: clock.now(), seen };
}

async function wordOf(tries: () => Promise<Word> | Word): Promise<Word> {
  try {
    return await tries();
  } catch (error) {
    return ['unknown', messageOf(error)];
  }
}
