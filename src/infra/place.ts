/** One side of a workload as the stacks see it: its Region, its names, and small helpers every stack needs. */

import { Aws, CfnCondition, CfnParameter, Fn, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { workloadTag } from '../plan/resources.ts';
import type { Side, Workload } from '../workload/config.ts';
import { regionOf } from '../workload/config.ts';
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

/** A stack of one side: `dev-photos-database-primary`. Resources carry the workload's tag. */
export class SideStack extends Stack {
  readonly place: Place;

  constructor(scope: Construct, room: string, place: Place, description: string) {
    const { workload, names, side } = place;
    super(scope, `${names.prefix}-${room}-${side}`, {
      env: { account: workload.account, region: regionOf(workload, side) },
      description,
      terminationProtection: room === 'database',
    });
    this.place = place;
    for (const [key, value] of Object.entries({ ...workload.tags, [workloadTag]: names.prefix }))
      Tags.of(this).add(key, value);
  }

  /** AZs by index at deploy time: no look-up in an account, and no made-up names in the template. */
  override get availabilityZones(): string[] {
    return [0, 1].map((index) => Fn.select(index, Fn.getAzs(Aws.REGION)));
  }
}

/**
 * Whether this Region is the active one, read from its role parameter each time a stack is deployed: so a plain deploy, a rollback or
 * a drift revert converges on the live role instead of undoing a failover.
 */
export function isActive(stack: SideStack): CfnCondition {
  const role = new CfnParameter(stack, 'Role', {
    type: 'AWS::SSM::Parameter::Value<String>',
    default: stack.place.names.roleParameter,
    description: 'Pilot Light writes this parameter before it moves anything',
  });
  return new CfnCondition(stack, 'IsActive', { expression: Fn.conditionEquals(role.valueAsString, 'active') });
}

/** ARNs of the roles, which live in the identity stack and are known by name alone. */
export const roleArn = ({ workload }: Place, name: string): string => `arn:aws:iam::${workload.account}:role/${name}`;

export const controlRoleName = ({ names, side }: Place, name: string): string =>
  `${names.controlFunction(name)}-${side}`;
