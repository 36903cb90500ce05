/** The watcher's minute. Reserved concurrency 2 lets one minute begin while the last one ends. */

import { clientsFor } from '../aws/clients.ts';
import type { Base } from '../engines/base.ts';
import { baseContext } from '../engines/base.ts';
import type { JuryMemory } from '../observe/jury.ts';
import { watch as watchUntil } from '../upkeep/watch.ts';
import { surroundings } from './surroundings.ts';

/** Kept while the function is warm; found anew when it isn't. */
const memory: JuryMemory = { balancer: undefined, received: undefined, receivedAt: undefined };

/** A look must not take longer than a probe: towards the primary Region one try, and no patience. */
function watching(): Base {
  const base = surroundings();
  const { workload } = base;
  const impatient = {
    attempts: 1,
    connectionTimeout: 1000 * workload.watch.probeTimeoutSeconds,
    requestTimeout: 1000 * workload.watch.probeTimeoutSeconds,
  };
  return baseContext({
    ...base,
    clientsFor: (region) => clientsFor(region, region === workload.primary.region ? impatient : {}),
  });
}

let base: Base | undefined;

export async function watch(): Promise<void> {
  base ??= watching();
  await watchUntil({ base, memory, say: (line) => console.log(JSON.stringify(line)) }, base.clock.now() + 57_000);
}
