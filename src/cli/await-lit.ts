/** A pilot light is lit once upkeep has filled the recovery Region: until then a failover would find an image that serves nothing. */

import { setTimeout as pause } from 'node:timers/promises';
import { parametersOf } from '../engines/parameters/parameters.ts';
import { terminalError } from '../kernel/errors.ts';
import type { Target } from '../rehearsal/target.ts';
import type { Workload } from '../workload/config.ts';
import { namesOf } from '../workload/names.ts';

/** AWS seconds per real second while nothing but upkeep's waits is waited for. */
const dullSpeed = 150;
/** Real milliseconds between looks, and until it is given up. */
const between = 500;
const patience = 300_000;

/** @throws a terminal error when upkeep hasn't moved the recovery Region's image pointers within five minutes of real time. */
export async function awaitLit(target: Target, workload: Workload, signal: AbortSignal): Promise<void> {
  const parameters = parametersOf(target.clients(workload.recovery.region));
  const names = namesOf(workload);
  const pointers = Object.keys(workload.compute).map((group) => names.imageParameter(group));
  target.setSpeed(dullSpeed);
  for (let waited = 0; waited < patience; waited += between) {
    // The first version is the stock image that the stacks put there.
    const versions = await Promise.all(pointers.map(async (one) => (await parameters.get(one))?.Version ?? 0));
    if (versions.every((version) => version > 1)) return;
    await pause(between, undefined, { signal });
  }
  throw terminalError(
    `Upkeep has not moved ${pointers.join(', ')} in the recovery Region within ${patience / 1000} s.`,
    {
      next: `Look at the log of ${names.controlFunction('images')}.`,
    },
  );
}
