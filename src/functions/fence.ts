/** Pays fences owed; invoked each minute, it returns at once while nothing is owed. */

import { payFences } from '../upkeep/pay-fences.ts';
import { surroundings } from './surroundings.ts';

export async function fence(): Promise<void> {
  const base = surroundings();
  await payFences(base, base.clock.now() + 55_000, (line) => console.log(JSON.stringify(line)));
}
