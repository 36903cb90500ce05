/** Auto Scaling: groups of instances kept at the size that was asked for. */

import type { SandboxCore, Service } from '../../contract.ts';
import { activityOperations } from './activities.ts';
import { groupOperations } from './groups.ts';
import { metricsOperations } from './metrics.ts';
import { policyOperations } from './policies.ts';
import { reconciler } from './reconciler.ts';
import { sizeOperations } from './sizes.ts';
import { tagOperations } from './tags.ts';
import { targetGroupOperations } from './target-groups.ts';

export function createAutoScalingService(core: SandboxCore): Service {
  const reconcile = reconciler(core);
  return {
    name: 'autoscaling',
    operations: {
      ...groupOperations(core, reconcile),
      ...sizeOperations(core, reconcile),
      ...activityOperations(core),
      ...targetGroupOperations(core),
      ...tagOperations(core),
      ...policyOperations(core),
      ...metricsOperations(core),
    },
    regionBack: (region) => reconcile.regionBack(region),
    resume() {
      for (const region of core.regions) reconcile.resume(region);
    },
    close: () => reconcile.close(),
  };
}
