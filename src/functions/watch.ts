/** The watcher's minute. Reserved concurrency 2 lets one minute begin while the last one ends. */

import type { JuryMemory } from '../observe/jury.ts';
import { watch as watchUntil } from '../upkeep/watch.ts';
import { surroundings } from './surroundings.ts';

/** Kept while the function is warm; found anew when it isn't. */
const memory: JuryMemory = { balancer: undefined, received: undefined, receivedAt: undefined };

export async function watch(): Promise<void> {
  const base = surroundings();
  await watchUntil({ base, memory, say: (line) => console.log(JSON.stringify(line)) }, base.clock.now() + 57_000);
}
