/**
 * What every part of a workload's infrastructure is: a construct that stands on both sides at once. It is given one stack per side and
 * builds, in each, a home of its own; so parts can be put into the stacks of somebody else's CDK app, one by one.
 */

import { Aws, CfnCondition, CfnParameter, Fn, Stack, aws_ssm as ssm, Tags, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { usageError } from '../kernel/errors.ts';
import { workloadTag } from '../plan/resources.ts';
import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';
import { regionBoundPrefix } from '../workload/region-bound.ts';
import type { Place } from './place.ts';
import { bothSides, placeOf } from './place.ts';

export interface PartProps {
  /** The workload, as `parseWorkload` answers it. */
  readonly workload: Workload;
  /** For each side, the stack in that side's Region in which the part's resources are to stand. */
  readonly stacks: Readonly<Record<Side, Stack>>;
}

/** A part's resources on one side. They carry the workload's tags. */
export class Home extends Construct {
  readonly place: Place;

  constructor(stack: Stack, id: string, place: Place) {
    super(stack, id);
    this.place = place;
    const wanted = regionOf(place.workload, place.side);
    if (!Token.isUnresolved(stack.region) && stack.region !== wanted) {
      throw usageError(`The ${place.side} side of ${id} can't stand in the stack ${stack.stackName}.`, {
        given: stack.region,
        allowed: `a stack in ${wanted}, the ${place.side} Region`,
        next: `Give the stack env: { region: '${wanted}' }.`,
      });
    }
    for (const [key, value] of Object.entries({ ...place.workload.tags, [workloadTag]: place.names.prefix }))
      Tags.of(this).add(key, value);
  }
}

export abstract class Part extends Construct {
  readonly #homes: Readonly<Record<Side, Home>>;

  protected constructor(scope: Construct, id: string, { workload, stacks }: PartProps) {
    super(scope, id);
    this.#homes = bothSides((side) => new Home(stacks[side], id, placeOf(workload, side)));
  }

  /** Where the part stands on a side. */
  homeOn(side: Side): Home {
    return this.#homes[side];
  }

  /** On each side, this part is made after the others, and removed before them. Answers itself. */
  after(...others: readonly Part[]): this {
    for (const side of ['primary', 'recovery'] as const) {
      for (const other of others) this.homeOn(side).node.addDependency(other.homeOn(side));
    }
    return this;
  }

  /** Both sides of this part are made after what stands once for both. */
  protected needs(shared: Home): void {
    for (const side of ['primary', 'recovery'] as const) this.homeOn(side).node.addDependency(shared);
  }

  /** This side of the part is made after the other side of it, or of another part. */
  protected sideAfter(side: Side, other: Part = this): void {
    this.homeOn(side).node.addDependency(other.homeOn(side === 'primary' ? 'recovery' : 'primary'));
  }
}

/** Two Availability Zones by index at deploy time: no look-up in an account, and no made-up names in the template. */
export const zones = (): string[] => [0, 1].map((index) => Fn.select(index, Fn.getAzs(Aws.REGION)));

/**
 * Whether this Region is the active one, read from its role parameter each time the stack is deployed: so a plain deploy, a rollback or
 * a drift revert converges on the live role instead of undoing a failover.
 */
export function isActive(home: Home): CfnCondition {
  const stack = Stack.of(home);
  const known = stack.node.tryFindChild('IsActive');
  if (known instanceof CfnCondition) return known;
  const role = new CfnParameter(stack, 'Role', {
    type: 'AWS::SSM::Parameter::Value<String>',
    default: home.place.names.roleParameter,
    description: 'Pilot Light writes this parameter before it moves anything',
  });
  return new CfnCondition(stack, 'IsActive', { expression: Fn.conditionEquals(role.valueAsString, 'active') });
}

/** Tells the application something that is true in this Region only, as a parameter that is never copied. */
export function regionBound(home: Home, name: string, value: string): void {
  new ssm.CfnParameter(home, `Parameter-${name}`, {
    name: `${home.place.names.parameterPath}${regionBoundPrefix}${name}`,
    type: 'String',
    value,
  });
}

/** `thumbnail` becomes `Thumbnail`: an id from a name. */
export const idOf = (name: string): string => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
