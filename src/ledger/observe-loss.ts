/** Looks at everything a quote rests on, all of it in the recovery Region: it can be asked with the primary dark. */

import type { Base } from '../engines/base.ts';
import type { DatabaseLook } from '../engines/database/requests.ts';
import { backlogs } from '../engines/storage/backlog.ts';
import { looksOf } from '../plan/memory.ts';
import { readAuthority } from '../state/authority.ts';
import { readWatch } from '../state/looks.ts';
import { readRates } from '../state/rates.ts';
import { readParameterSync } from '../state/syncs.ts';
import { replicationRule } from '../workload/names.ts';
import type { LossObservations } from './quote.ts';
import { seen } from './seen.ts';

/** Milliseconds after which what hasn't answered is left out of the quote. */
const patience = 10_000;

/**
 * Never rejects but for the state: what can't be seen is said so in the quote.
 * @param database a look that was taken already.
 */
export async function observeLoss(base: Base, database?: DatabaseLook): Promise<LossObservations> {
  const { store, workload, on, clock } = base;
  const [{ active, epoch }, watch, rates, parameters, look, buckets] = await Promise.all([
    readAuthority(store),
    readWatch(store),
    readRates(store),
    seen(clock, patience, () => readParameterSync(store)),
    database === undefined
      ? seen(clock, patience, () => on('recovery').sql.ask({ ask: 'look' }))
      : { at: clock.now(), value: database },
    bucketsOf(base),
  ]);
  return {
    active,
    epoch,
    looks: watch === undefined ? [] : looksOf(watch.memory),
    rates,
    parameters,
    database: look,
    buckets,
    queues: Object.values(workload.functions).flatMap(({ queue }) => (queue === undefined ? [] : [queue])),
    objectiveSeconds: workload.objectives.rpoSeconds,
  };
}

/** One question for all of them. */
async function bucketsOf(base: Base): Promise<LossObservations['buckets']> {
  const { names, workload, on, clock } = base;
  const paths = workload.buckets.map((bucket) => ({
    source: names.bucket(bucket, 'primary'),
    destination: names.bucket(bucket, 'recovery'),
    rule: replicationRule('recovery'),
  }));
  const all = await seen(clock, patience, () => backlogs(on('recovery').clients, paths, clock.now()));
  return Object.fromEntries(
    workload.buckets.map((bucket, index) => [bucket, 'value' in all ? { at: all.at, value: all.value[index] } : all]),
  );
}
