/** What a rehearsal does at its owner's desk: deploy, break the glass, and say what people say. Handed in by whoever has the tools for it. */

import type { PlanName } from '../plan/graph.ts';

/** What `pilot-light run` orders. */
export const orders = ['pause', 'resume', 'retry', 'skip', 'abort', 'unplanned'] as const;

export interface Ordered {
  readonly order: (typeof orders)[number];
  /** The latest run of this plan; the one under way, when not given. */
  readonly plan: PlanName | undefined;
  readonly step: string | undefined;
  readonly why: string;
}

export interface Answer {
  readonly approve: boolean;
  /** Which of the requests people were sent. */
  readonly request: 'first' | 'latest';
  readonly why: string;
}

export interface Production {
  /** Deploys the synthesized app; answers how many stacks it changed. */
  readonly deploy: (onProgress: (says: string, done: number, of: number) => void) => Promise<number>;
  /** Runs a plan in this process, as `pilot-light failover --break-glass` does. @throws what the failing step threw. */
  readonly breakGlass: (
    plan: PlanName,
    options: { readonly takeOver: boolean },
    onProgress: (says: string) => void,
  ) => Promise<void>;
  /** Orders something of a run, as `pilot-light run` does; answers the run. @throws a usage error for what has no effect. */
  readonly order: (ordered: Ordered) => Promise<string>;
  /** Decides a request, as `pilot-light approve` does; answers which. @throws a usage error for one that can't be decided any more. */
  readonly answer: (answer: Answer) => Promise<string>;
}
