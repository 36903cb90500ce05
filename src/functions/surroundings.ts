/** What a deployed function finds around itself: the workload file beside the bundle, the Region's clock, the client factory. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientsFor } from '../aws/clients.ts';
import type { Base } from '../engines/base.ts';
import { baseContext } from '../engines/base.ts';
import { wallClock } from '../kernel/clock.ts';
import { terminalError } from '../kernel/errors.ts';
import { systemIds } from '../kernel/ids.ts';
import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { workloadFile } from './contract.ts';

let base: Base | undefined;

/** Tries of a call to the recovery Region: when a Region goes dark everybody moves there, and half of all calls may be refused. */
const crowded = 5;

/** Read once: a warm function keeps its clients. `patience` is how many milliseconds an answer may take; the factory's default when not given. */
export function surroundings(patience?: number): Base {
  if (base !== undefined) return base;
  const workload = deployedWorkload();
  base = baseContext({
    workload,
    clock: wallClock,
    ids: systemIds,
    clientsFor: (region) =>
      clientsFor(region, {
        ...(patience === undefined ? {} : { requestTimeout: patience }),
        ...(region === workload.recovery.region ? { attempts: crowded } : {}),
      }),
  });
  return base;
}

/** The side this function stands on, by its Region. */
export function ownSide(workload: Workload): Side {
  const region = process.env.AWS_REGION;
  if (region === workload.primary.region) return 'primary';
  if (region === workload.recovery.region) return 'recovery';
  throw terminalError("This function stands in neither of the workload's Regions.", { given: region });
}

/**
 * Believed as it lies there: only `controlBundle` writes it, from a workload that was judged and has its defaults, into the same asset as
 * this code. It can't be of another version, and nobody writes into a function's folder.
 */
function deployedWorkload(): Workload {
  const file = join(process.env.LAMBDA_TASK_ROOT ?? '.', workloadFile);
  // What only a rehearsal needs was left out.
  return { ...(JSON.parse(readFileSync(file, 'utf8')) as Omit<Workload, 'sandbox'>), sandbox: { images: {} } };
}
