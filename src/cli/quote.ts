/**
 * `pilot-light quote`: what failing over now would lose at most. Asks the recovery Region alone, everything at once and with little
 * patience: whoever asks has an outage on their hands.
 */

import type { Base } from '../engines/base.ts';
import type { Clock } from '../kernel/clock.ts';
import { usageError } from '../kernel/errors.ts';
import { observeLoss } from '../ledger/observe-loss.ts';
import type { LossObservations } from '../ledger/quote.ts';
import { quoteOf } from '../ledger/quote.ts';
import type { AskedFlags } from './asked-clients.ts';
import { askedBase, orNoState } from './asked-clients.ts';
import { quoteText } from './quote-text.ts';
import { print, printJson } from './text.ts';

export async function quote({ json, ...asked }: AskedFlags): Promise<number> {
  const base = await askedBase(asked);
  const observed = await observe(base);
  const quoted = quoteOf(observed, awsNow(observed, base.clock));
  if (json === true) printJson({ workload: base.names.prefix, region: base.workload.recovery.region, ...quoted });
  else print(quoteText(base.names.prefix, quoted));
  return quoted.within ? 0 : 1;
}

/** @throws a usage error where there is nothing to quote. */
async function observe(base: Base): Promise<LossObservations> {
  const { names, workload } = base;
  const where = `${workload.recovery.region}, account ${workload.account}`;
  const observed = await orNoState(base, () => observeLoss(base));
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
