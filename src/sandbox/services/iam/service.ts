/** IAM: one account's users, roles and policies. The service is global; its control plane stands in us-east-1. */

import { globalControlPlaneRegion } from '../../../facts/regions.ts';
import type { AnyOperation, Call, SandboxCore, Service } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { administratorCredentials } from './administrator.ts';
import { attachmentOperations } from './attachments.ts';
import { instanceProfileOperations } from './instance-profiles.ts';
import { policyOperations } from './policies.ts';
import { roleOperations } from './roles.ts';
import { iamTables } from './rows.ts';
import { serviceLinkedRoleOperations } from './service-linked-roles.ts';
import { simulationOperations } from './simulate.ts';
import { userOperations } from './users.ts';

export function createIamService(core: SandboxCore): Service {
  administratorCredentials(core);
  const operations = {
    ...roleOperations(core),
    ...attachmentOperations(core),
    ...policyOperations(core),
    ...instanceProfileOperations(core),
    ...serviceLinkedRoleOperations(core),
    ...userOperations(core),
    ...simulationOperations(core),
  };
  return {
    name: 'iam',
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, one]) => [name, throughControlPlane(core, one)]),
    ),
    // A role's own policy is the one that says who may assume it.
    resourcePolicy(arn) {
      const row = iamTables(core).roles.get(arn.split('/').at(-1) ?? '');
      return row?.arn === arn ? row.trust : undefined;
    },
  };
}

/**
 * IAM's API needs us-east-1, from wherever it is called; judging calls doesn't: that goes on in every Region.
 * Source: AWS Fault Isolation Boundaries, "Global services".
 */
function throughControlPlane(core: SandboxCore, one: AnyOperation): AnyOperation {
  return {
    ...one,
    handle(input: unknown, call: Call): unknown {
      const { regions, network } = core;
      if (regions.includes(globalControlPlaneRegion) && !network.reachable(call.from, globalControlPlaneRegion)) {
        throw new AwsError(
          'ServiceUnavailable',
          `IAM's control plane in ${globalControlPlaneRegion} can't be reached from ${call.from}.`,
          { status: 503 },
        );
      }
      return one.handle(input, call);
    },
  };
}
