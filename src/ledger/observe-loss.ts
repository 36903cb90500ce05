/** Looks at everything a quote rests on, all of it in the recovery Region: it can be asked with the primary dark. */

import type { Base } from '../engines/base.ts';
import type { DatabaseLook } from '../engines/database/requests.ts';
import { backlogs } from '../engines/storage/backlog.ts';
import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { looksOf } from '../plan/memory.ts';
import { readAuthority } from '../state/authority.ts';
import { readWatch } from '../state/looks.ts';
import { readRates } from '../state/rates.ts';
import { readParameterSync } from '../state/syncs.ts';
import { replicationRule } from '../workload/names.ts';
import type { LossObservations, Seen } from './quote.ts';

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
    seen(base, () => readParameterSync(store)),
    database === undefined
      ? seen(base, () => on('recovery').sql.ask({ ask: 'look' }))
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
  const all = await seen(base, () => backlogs(on('recovery').clients, paths, clock.now()));
  return Object.fromEntries(
    workload.buckets.map((bucket, index) => [bucket, 'value' in all ? { at: all.at, value: all.value[index] } : all]),
  );
}

async function seen<T>({ clock }: Base, look: () => Promise<T>): Promise<Seen<T>> {
  const over = new AbortController();
  try {
    const late = sleep(clock, patience, over.signal).then(() => {
      throw new Error(`no answer in ${patience / 1000} s`);
    });
    // Aborted in the end whoever came first, and nobody waits for it then.
    late.catch(() => {});
    const value = await Promise.race([look(), late]);
    return { at: clock.now(), value };
  } catch (error) {
    return { at: clock.now(), problem: messageOf(error) };
  } finally {
    over.abort();
  }
}
