/** What a rehearsal does at its owner's desk: deploy, and break the glass. Handed in by whoever has the tools for it. */

import type { PlanName } from '../plan/graph.ts';

export interface Production {
  /** Deploys the synthesized app; answers how many stacks it changed. */
  readonly deploy: (onProgress: (says: string, done: number, of: number) => void) => Promise<number>;
  /** Runs a plan in this process, as `pilot-light failover --break-glass` does. @throws what the failing step threw. */
  readonly breakGlass: (
    plan: PlanName,
    options: { readonly takeOver: boolean },
    onProgress: (says: string) => void,
  ) => Promise<void>;
}
