/** Steps that switch event sources and turn upkeep round. */

import type { Side } from '../workload/judged.ts';
import type { Step } from './step.ts';
import { switchSources } from './switch-sources.ts';

export const enableSources = (side: Side): Step => ({
  // One look per asking: mappings are listed at a rate that all of Lambda's control plane shares.
  verify: (context) => switchSources(context, side, true),
});

/** Images are made, and parameters copied, from the active side. The other side's rules went off with its fence, or go off here. */
export const turnUpkeepTo = (side: Side): Step => ({
  async act({ on, names }) {
    const rules = [names.imageRule, names.parameterRule, names.reconcileRule];
    for (const rule of rules) await on(side).rules.enable(rule);
    if (side === 'primary') for (const rule of rules) await on('recovery').rules.disable(rule);
  },
});
