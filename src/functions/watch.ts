/** The watcher's minute. Reserved concurrency 2 lets one minute begin while the last one ends. */

import { clientsFor } from '../aws/clients.ts';
import type { Base } from '../engines/base.ts';
import { baseContext } from '../engines/base.ts';
import { noteHealth } from '../state/decisions.ts';
import { nothingKept, watch as watchUntil } from '../upkeep/watch.ts';
import { suspicions } from '../upkeep/watching/act.ts';
import { approveUrlVariable } from './contract.ts';
import { surroundings } from './surroundings.ts';

/** While the function is warm; a new one reads what the last one wrote down. */
const kept = nothingKept();

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
    clientsFor: (region) => clientsFor(region, region === workload.recovery.region ? {} : impatient),
  });
}

let base: Base | undefined;

/** AWS Health's events as EventBridge hands them on. Source: AWS Health User Guide, "AWS Health event schema". */
interface WatchEvent {
  readonly source?: string;
  readonly time?: string;
  readonly detail?: {
    readonly service?: string;
    readonly eventTypeCode?: string;
    readonly eventRegion?: string;
    readonly eventDescription?: readonly { readonly latestDescription?: string }[];
  };
}

export async function watch(event: WatchEvent | undefined): Promise<void> {
  base ??= watching();
  if (event?.source === 'aws.health') return hear(base, event);
  const say = (line: Record<string, unknown>) => console.log(JSON.stringify(line));
  const approveUrl = process.env[approveUrlVariable];
  await watchUntil({ base, kept, say, hooks: suspicions(base), approveUrl }, base.clock.now() + 57_000);
}

/** It explains what is seen, and decides nothing. */
async function hear({ clock, store, workload }: Base, { detail, time }: WatchEvent): Promise<void> {
  if (detail?.eventRegion !== workload.primary.region) return;
  const described = detail.eventDescription?.[0]?.latestDescription ?? '';
  const says = `${detail.service ?? ''} ${detail.eventTypeCode ?? ''}: ${described}`.slice(0, 500);
  await noteHealth(store, { at: time === undefined ? clock.now() : Date.parse(time), says });
}
