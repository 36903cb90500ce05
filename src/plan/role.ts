/** A role before it is made: who assumes it, and what it may do on which resources. */

import type { HeldReason } from './held.ts';
import type { Condition } from './resources.ts';

export interface RoleSpec {
  readonly name: string;
  /** Who assumes it. */
  readonly service: string;
  /** `control`: Pilot Light's own. `workload`: what the application, its functions and its buckets run as. */
  readonly of: 'control' | 'workload';
  readonly grants: readonly RoleGrant[];
}

/** One action on resources by ARN. */
export interface RoleGrant {
  readonly action: string;
  readonly resources: readonly string[];
  readonly condition?: Condition | undefined;
  readonly held?: HeldReason | undefined;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Condition;
}
