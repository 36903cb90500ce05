/**
 * Every role of the workload on both sides, by name, and what none of them may exceed. IAM is global and its control plane stands in
 * us-east-1, so nothing of it is touched by a failover; the stack of the roles stands in the recovery Region.
 */

import type { Stack } from 'aws-cdk-lib';
import { CfnManagedPolicy, CfnPolicy, CfnRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { boundaryName, boundaryOf } from '../../plan/boundary.ts';
import type { RoleSpec } from '../../plan/role.ts';
import { rolesOf, statementsOf } from '../../plan/roles.ts';
import type { Workload } from '../../workload/config.ts';
import { acknowledgeBoundary, acknowledgeWildcards } from '../acknowledged.ts';
import { Home } from '../part.ts';
import { placeOf } from '../place.ts';

export interface RolesProps {
  /** The workload, as `parseWorkload` answers it. */
  readonly workload: Workload;
  /** The stack the roles are to stand in, in the recovery Region. */
  readonly stack: Stack;
}

export class Roles extends Construct {
  /** Where the roles stand. */
  readonly home: Home;

  constructor(scope: Construct, id: string, { workload, stack }: RolesProps) {
    super(scope, id);
    this.home = new Home(stack, id, placeOf(workload, 'recovery'));
    const boundary = workload.permissionsBoundary ?? this.#boundary();
    for (const role of rolesOf(workload)) this.#role(role, boundary);
  }

  /** The account's own, where the config doesn't name one that its owner keeps. */
  #boundary(): string {
    const { workload } = this.home.place;
    const document = boundaryOf(workload);
    const policy = new CfnManagedPolicy(this.home, 'Boundary', {
      managedPolicyName: boundaryName(workload),
      description: 'What no role of this workload may exceed',
      policyDocument: document,
    });
    acknowledgeBoundary(policy, document.Statement);
    return policy.ref;
  }

  #role({ name, service, grants }: RoleSpec, permissionsBoundary: string): void {
    const id = name
      .replaceAll(/[^A-Za-z0-9]/g, ' ')
      .replaceAll(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase());
    const statements = statementsOf(grants);
    const role = new CfnRole(this.home, id, {
      roleName: name,
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
      },
      permissionsBoundary,
    });
    const policy = new CfnPolicy(this.home, `${id}Policy`, {
      policyName: 'own',
      roles: [role.ref],
      policyDocument: { Version: '2012-10-17', Statement: statements },
    });
    acknowledgeWildcards(policy, statements);
  }
}
