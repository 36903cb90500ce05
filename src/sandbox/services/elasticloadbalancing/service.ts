/** Elastic Load Balancing, version 2: application load balancers. */

import type { Balancers } from '../../balancer/balancer-process.ts';
import { balancerProcesses } from '../../balancer/balancer-process.ts';
import type { SandboxCore, Service } from '../../contract.ts';
import { balancing } from './balancing.ts';
import { listenerCertificateOperations } from './listener-certificates.ts';
import { listenerOperations } from './listeners.ts';
import { loadBalancerOperations, resumeBalancers } from './load-balancers.ts';
import { tagOperations } from './tags.ts';
import { targetGroupOperations } from './target-groups.ts';
import { resumeDraining, targetOperations } from './targets.ts';

export interface BalancingOptions {
  /** What balances; a real process per Region unless said. */
  readonly balancers?: Balancers;
}

export function createElasticLoadBalancingService(core: SandboxCore, options: BalancingOptions = {}): Service {
  const keeper = balancing(core, options.balancers ?? balancerProcesses(core));
  return {
    name: 'elasticloadbalancing',
    operations: {
      ...loadBalancerOperations(core, keeper),
      ...targetGroupOperations(core, keeper),
      ...targetOperations(core, keeper),
      ...listenerOperations(core, keeper),
      ...listenerCertificateOperations(core, keeper),
      ...tagOperations(core),
    },
    async regionBack(region) {
      keeper.changed(region);
      await keeper.settled(region);
    },
    async resume() {
      for (const region of core.regions) {
        resumeBalancers(core, region, keeper);
        resumeDraining(core, region, keeper);
        await keeper.openAgain(region);
        keeper.changed(region);
        await keeper.settled(region);
      }
    },
    close: () => keeper.close(),
  };
}
