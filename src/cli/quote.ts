/**
 * `pilot-light quote`: what failing over now would lose at most. Asks the recovery Region alone, everything at once and with little
 * patience: whoever asks has an outage on their hands.
 */

import type { Clients } from '../aws/clients.ts';
import { clientsFor } from '../aws/clients.ts';
import type { Base } from '../engines/base.ts';
import { baseContext } from '../engines/base.ts';
import type { Clock } from '../kernel/clock.ts';
import { wallClock } from '../kernel/clock.ts';
import { usageError } from '../kernel/errors.ts';
import { systemIds } from '../kernel/ids.ts';
import { observeLoss } from '../ledger/observe-loss.ts';
import type { LossObservations } from '../ledger/quote.ts';
import { quoteOf } from '../ledger/quote.ts';
import { awsSettings } from './deploy/destination.ts';
import { loadWorkload } from './load-workload.ts';
import type { QuoteFlags } from './quote-commands.ts';
import { quoteText } from './quote-text.ts';
import { chosenRun } from './sandbox-choice.ts';
import { print, printJson } from './text.ts';

const impatience = { connectionTimeout: 1000, requestTimeout: 3500, attempts: 1 } as const;

interface Asked {
  readonly clients: (region: string) => Clients;
  readonly clock: Clock;
}

export async function quote({ config, profile, sandbox, json }: QuoteFlags): Promise<number> {
  const { workload } = await loadWorkload(config);
  const { clients, clock } = await (sandbox === undefined ? aws(profile) : inSandbox(sandbox));
  const base = baseContext({ workload, clock, ids: systemIds, clientsFor: clients });
  const observed = await observe(base);
  const quoted = quoteOf(observed, awsNow(observed, clock));
  if (json === true) printJson({ workload: base.names.prefix, region: workload.recovery.region, ...quoted });
  else print(quoteText(base.names.prefix, quoted));
  return quoted.within ? 0 : 1;
}

/** @throws a usage error where there is nothing to quote. */
async function observe(base: Base): Promise<LossObservations> {
  const { names, workload } = base;
  const where = `${workload.recovery.region}, account ${workload.account}`;
  let observed: LossObservations;
  try {
    observed = await observeLoss(base);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    throw usageError(`There is no state of ${names.prefix}: no table ${names.table} in ${where}.`, {
      next: 'Deploy the workload, or give --config, --profile or --sandbox of one that is.',
      cause: error,
    });
  }
  if (observed.active === 'recovery') {
    throw usageError(
      `There is nothing to quote: the recovery Region, ${workload.recovery.region}, is the active one.`,
      {
        next: 'Going home loses nothing: the failback waits until everything has arrived.',
      },
    );
  }
  if (observed.looks.length === 0 && observed.epoch === 1) {
    throw usageError(
      `Nothing is known of a workload ${names.prefix}: its watcher has written nothing to ${names.table} in ${where}.`,
      {
        next: 'Check the name and the environment in the config; after a first deployment, wait a minute.',
      },
    );
  }
  return observed;
}

/** A laptop's clock may be off; the database's is AWS's own. */
function awsNow({ database }: LossObservations, clock: Clock): number {
  return 'value' in database ? database.value.now + (clock.now() - database.at) : clock.now();
}

async function aws(profile: string | undefined): Promise<Asked> {
  const { pathStyle } = await awsSettings(profile);
  const shared = { ...impatience, pathStyle };
  return { clients: (region) => clientsFor(region, shared), clock: wallClock };
}

/** Asked as it runs: a quote that changed its speed would change what it measures. */
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
