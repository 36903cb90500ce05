/** Steps that watch bucket replication. */

import { pendingObjects } from '../engines/storage/replication.ts';
import { notYet } from '../kernel/errors.ts';
import type { Side } from '../workload/judged.ts';
import { otherSide } from '../workload/judged.ts';
import type { Step } from './step.ts';

/** Milliseconds before the quiesce from which on objects are asked after one by one: many times what most of them take. */
const lookBack = 5 * 60_000;

/** Milliseconds by which the clocks of S3 and of whoever stopped the writes may differ. */
const slack = 5000;

/** Objects written just before quiescing are still on their way while the database promotes; the other side is complete when none is left. */
export const drainBuckets = (from: Side): Step => ({
  async act({ workload, names, on, recall, clock }) {
    const quiesced = await recall<{ at: number }>('quiesced');
    const stopped = await recall<{ at: number }>('stopped');
    const since = (quiesced?.at ?? clock.now()) - lookBack;
    // An application that is asked still stores what it can't write a row of: without an end to it the other side is never complete.
    const until = (stopped?.at ?? clock.now()) + slack;
    for (const bucket of workload.buckets) {
      const pending = await pendingObjects(on(from).clients, names.bucket(bucket, from), since, until);
      if (pending > 0)
        throw notYet(`${pending} objects of ${bucket} haven't reached the ${otherSide(from)} Region yet.`);
    }
  },
});
