/** What every S3 operation is given: the stores, the replicator and the switches. */

import type { SandboxCore } from '../../contract.ts';
import type { Contents } from './contents.ts';
import { controlPlaneUnavailable } from './errors.ts';
import type { ReplicationMetrics } from './replication/metrics.ts';
import type { Replicator } from './replication/replicator.ts';
import type { LateArrival, Store } from './store.ts';

export interface S3Options {
  /**
   * Which version is current after an older one arrives late by replication. AWS doesn't say: `arrival order` (the default, and the worse
   * case) puts it on top, `source time` where its time of writing belongs.
   */
  readonly lateArrival?: LateArrival;
}

export interface S3Context {
  readonly core: SandboxCore;
  readonly store: Store;
  readonly contents: Contents;
  readonly replicator: Replicator;
  readonly metrics: ReplicationMetrics;
  readonly lateArrival: LateArrival;
}

/** Writing a bucket's configuration, and creating or deleting one, needs the control plane in us-east-1. */
export function needControlPlane({ core }: S3Context, region: string): void {
  const home = 'us-east-1';
  if (!core.regions.includes(home)) return;
  if (core.region(home).dark || !core.network.reachable(region, home)) throw controlPlaneUnavailable();
}

/** Now, as the Region counts. */
export const now = ({ core }: S3Context, region: string): number => core.region(region).clock.now();
