/** What the catalogue says of a step. */

import type { FunctionName } from '../../functions/contract.ts';
import type { HeldReason } from '../held.ts';
import type { ResourceKey } from '../resources.ts';

/** Whether the step can be taken back: by undoing it, by compensating for it, or not at all. */
export type StepKind = 'check' | 'reversible' | 'compensable' | 'point-of-no-return';

export interface Grant {
  /** `rds:PromoteReadReplica` */
  readonly action: string;
  readonly on: ResourceKey;
  /** When it is used, where a whole rehearsal needn't come to it. */
  readonly held?: HeldReason;
}

export interface StepSpec {
  readonly does: string;
  readonly function: FunctionName;
  readonly kind: StepKind;
  /** Seconds between asks while it isn't true yet. */
  readonly pollSeconds: number;
  /** Seconds after which it has failed. */
  readonly deadlineSeconds: number;
  /** How it is taken back when the run ends before it has committed. */
  readonly undo?: string;
  readonly uses: readonly Grant[];
}
