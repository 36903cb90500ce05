/**
 * How a command reaches a workload that stands: clients and a clock, of AWS or of a running sandbox. Everything with little patience:
 * whoever asks has an outage on their hands.
 */

import type { Clients } from '../aws/clients.ts';
import { clientsFor } from '../aws/clients.ts';
import type { Base } from '../engines/base.ts';
import { baseContext } from '../engines/base.ts';
import type { Clock } from '../kernel/clock.ts';
import { wallClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import { awsSettings } from './deploy/destination.ts';
import { loadWorkload } from './load-workload.ts';
import { chosenRun } from './sandbox-choice.ts';

/** What is common to all commands that ask a workload. */
export interface AskedFlags {
  readonly config?: string;
  readonly profile?: string;
  /** An id, or what it begins with; true for the one that runs. */
  readonly sandbox?: string | true;
  readonly json?: boolean;
}

const impatience = { connectionTimeout: 1000, requestTimeout: 3500, attempts: 1 } as const;

/** The workload of a config file, where it is deployed. Its clock is AWS's own as far as it is known: a sandbox's, or this machine's. */
export async function askedBase({ config, profile, sandbox }: Omit<AskedFlags, 'json'>): Promise<Base> {
  const { workload } = await loadWorkload(config);
  const { clients, clock } = await (sandbox === undefined ? aws(profile) : inSandbox(sandbox));
  return baseContext({ workload, clock, ids: systemIds, clientsFor: clients });
}

interface Asked {
  readonly clients: (region: string) => Clients;
  readonly clock: Clock;
}

async function aws(profile: string | undefined): Promise<Asked> {
  const { pathStyle } = await awsSettings(profile);
  const shared = { ...impatience, pathStyle };
  return { clients: (region) => clientsFor(region, shared), clock: wallClock };
}

/** Asked as it runs: a question that changed its speed would change what it asks about. */
async function inSandbox(id: string | true): Promise<Asked> {
  const run = await chosenRun(id === true ? undefined : id);
  const { runningSandbox } = await import('../sandbox/control/client.ts');
  const sandbox = runningSandbox(run);
  const [environment, { awsTime, actual }] = await Promise.all([
    sandbox.ask<'environment'>({ ask: 'environment' }),
    sandbox.ask<'clock'>({ ask: 'clock' }),
  ]);
  const { AWS_ENDPOINT_URL: endpoint = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const [then, began] = [Date.parse(awsTime), wallClock.now()];
  return {
    clients: (region) => clientsFor(region, { ...impatience, endpoint, credentials }),
    // Waits are real: it is a person who waits.
    clock: {
      now: () => then + actual * (wallClock.now() - began),
      after: (delay, action) => wallClock.after(delay, action),
    },
  };
}
