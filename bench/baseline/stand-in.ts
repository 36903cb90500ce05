/**
 * A target on which the baseline recovers the workload instead of the product: the rehearsal deploys, waits for upkeep and starts its
 * customers as ever; then the product's watcher is switched off, and the outage is the baseline's. The rehearsal ends with it.
 */

import type { Target } from '../../src/rehearsal/target.ts';

export interface StandIn {
  /** Before the customers begin. */
  readonly prepare: () => Promise<void>;
  /** The Region has just gone dark. */
  readonly recover: () => Promise<void>;
}

export const withStandIn = (target: Target, { prepare, recover }: StandIn): Target => ({
  ...target,
  async startOutside(options) {
    await prepare();
    return target.startOutside(options);
  },
  async goDark(region) {
    await target.goDark(region);
    await recover();
    throw new Error(standInEnded);
  },
});

/** How the rehearsal is ended: what follows the outage is about the product, which did nothing. */
export const standInEnded = 'the baseline has run: the rehearsal ends here';
