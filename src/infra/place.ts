/** One side of a workload as the infrastructure sees it: its Region, its names, and the stacks of our own layout. */

import { createHash } from 'node:crypto';
import type { CfnElement, StackProps } from 'aws-cdk-lib';
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';
import type { Names } from '../workload/names.ts';
import { arnsOf, namesOf } from '../workload/names.ts';

export interface Place {
  readonly workload: Workload;
  readonly names: Names;
  readonly arns: ReturnType<typeof arnsOf>;
  readonly side: Side;
}

export const placeOf = (workload: Workload, side: Side): Place => ({
  workload,
  names: namesOf(workload),
  arns: arnsOf(workload),
  side,
});

/** Both sides, the recovery side first: it must be there when the primary is asked for anything. */
export const bothSides = <T>(make: (side: Side) => T): Record<Side, T> => ({
  recovery: make('recovery'),
  primary: make('primary'),
});

/** A stack of one side: `dev-photos-database-primary`. */
export class SideStack extends Stack {
  constructor(scope: Construct, room: string, { workload, names, side }: Place, props: StackProps) {
    super(scope, `${names.prefix}-${room}-${side}`, {
      env: { account: workload.account, region: regionOf(workload, side) },
      ...props,
    });
  }

  /** Readable, for these stacks hold nothing but parts with names of their own: `NetworkVpc`, without a hash. */
  protected override allocateLogicalId(element: CfnElement): string {
    return element.node.scopes
      .slice(this.node.scopes.length)
      .map(({ node }) => node.id)
      .filter((part) => part !== 'Resource')
      .map(readable)
      .join('');
  }
}

/** What no logical id may hold is left out; a digest then keeps `page-size` apart from `pagesize`. */
function readable(part: string): string {
  const left = part.replaceAll(/[^A-Za-z0-9]/g, '');
  return left === part ? left : `${left}${createHash('sha256').update(part).digest('hex').slice(0, 6)}`;
}

/** ARNs of the roles, which live in the identity stack and are known by name alone. */
export const roleArn = ({ workload }: Place, name: string): string => `arn:aws:iam::${workload.account}:role/${name}`;
