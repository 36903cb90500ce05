/** Steps that switch event sources and turn upkeep round. */

import { rampBegin } from '../plan/ramp.ts';
import { readRamp, writeRamp } from '../state/ramps.ts';
import type { Side } from '../workload/judged.ts';
import { fedFunctions } from './ramp-sources.ts';
import type { Step } from './step.ts';
import { switchSources } from './switch-sources.ts';

/** A few invocations at a time: what waits in the queues must not take what the recovery's own functions need. The ramp opens them further. */
export const enableSources = (side: Side): Step => ({
  // One look per asking: mappings are listed at a rate that all of Lambda's control plane shares.
  async verify(context) {
    const { clock, run, store, workload } = context;
    if (fedFunctions(workload).length > 0 && (await readRamp(store))?.epoch !== run.epoch)
      await writeRamp(store, { side, epoch: run.epoch, since: clock.now(), open: [] });
    return switchSources(context, side, true, ({ maxConcurrency }) => rampBegin(maxConcurrency));
  },
});

/** Images are made, and parameters copied, from the active side. The other side's rules went off with its fence, or go off here. */
export const turnUpkeepTo = (side: Side): Step => ({
  async act({ on, names }) {
    const rules = [names.imageRule, names.parameterRule, names.reconcileRule];
    for (const rule of rules) await on(side).rules.enable(rule);
    if (side === 'primary') for (const rule of rules) await on('recovery').rules.disable(rule);
  },
});
