/**
 * Every role of a workload, and what each may do: the identity stack makes them, a rehearsal holds them to what was used, and the
 * permissions boundary is worked out from them.
 */

import type { FunctionName } from '../functions/contract.ts';
import { functionSpecs, functionsOf } from '../functions/contract.ts';
import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';
import type { Names } from '../workload/names.ts';
import { arnsOf, namesOf } from '../workload/names.ts';
import { grantsOf } from './grants.ts';
import { planNames } from './graph.ts';
import { conditionOf, resourceArns } from './resources.ts';
import type { RoleGrant, RoleSpec, Statement } from './role.ts';
import { workloadRoles } from './workload-roles.ts';

/** By name, those of control first. */
export const rolesOf = (workload: Workload): readonly RoleSpec[] => [
  ...controlRoles(workload),
  ...machineRoles(workload),
  ...workloadRoles(workload),
];

export const controlRoleName = (names: Names, name: FunctionName, side: Side): string =>
  `${names.controlFunction(name)}-${side}`;

/** A policy's statements: actions on the same resources share one, since role policies have a size limit. */
export function statementsOf(grants: readonly RoleGrant[]): Statement[] {
  const byResource = new Map<string, Statement>();
  for (const { action, condition, resources } of grants) {
    const key = JSON.stringify([resources, condition]);
    const Action = [...new Set([...(byResource.get(key)?.Action ?? []), action])].sort();
    byResource.set(key, {
      Effect: 'Allow',
      Action,
      Resource: resources,
      ...(condition === undefined ? {} : { Condition: condition }),
    });
  }
  return [...byResource.values()];
}

const sides: readonly Side[] = ['primary', 'recovery'];

function controlRoles(workload: Workload): RoleSpec[] {
  return sides.flatMap((side) =>
    functionsOf(workload, side).map((name) => ({
      name: controlRoleName(namesOf(workload), name, side),
      service: 'lambda.amazonaws.com',
      of: 'control' as const,
      grants: [...ownGrants(workload, name, side), ...functionBasics(workload, name, side)],
    })),
  );
}

/** What there is nothing of to act on isn't granted. */
function ownGrants(workload: Workload, name: FunctionName, side: Side): RoleGrant[] {
  return grantsOf(name, side)
    .map(({ action, on, held }) => ({
      action,
      resources: resourceArns(workload, on),
      condition: conditionOf(workload, on),
      held,
    }))
    .filter(({ resources }) => resources.length > 0);
}

/** Logs for all; network interfaces for those that stand in the VPC, whose ids nobody knows beforehand. */
function functionBasics(workload: Workload, name: FunctionName, side: Side): RoleGrant[] {
  const { account } = workload;
  const region = regionOf(workload, side);
  const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
    action,
    resources: [`arn:aws:logs:${region}:${account}:log-group:/aws/lambda/${namesOf(workload).controlFunction(name)}*`],
    // What nobody was asked for has logged nothing.
    ...(name === 'approve' ? { held: 'person asked' as const } : {}),
  }));
  if (functionSpecs[name].stands === 'api') return logs;
  const interfaces = [`arn:aws:ec2:${region}:${account}:*/*`];
  return [
    ...logs,
    { action: 'ec2:CreateNetworkInterface', resources: interfaces },
    { action: 'ec2:DeleteNetworkInterface', resources: interfaces },
    { action: 'ec2:DescribeNetworkInterfaces', resources: ['*'] },
    { action: 'ec2:DescribeSubnets', resources: ['*'], held: 'asked by AWS alone' },
  ];
}

function machineRoles(workload: Workload): RoleSpec[] {
  const names = namesOf(workload);
  const arns = arnsOf(workload);
  const stepFunctions = functionsOf(workload, 'recovery').filter((name) => functionSpecs[name].handler === 'step');
  return [
    {
      name: `${names.machine('failover')}-machine`,
      service: 'states.amazonaws.com',
      of: 'control',
      grants: [
        {
          action: 'lambda:InvokeFunction',
          resources: stepFunctions.map((name) => arns.controlFunction('recovery', name)),
        },
      ],
    },
    {
      name: `${names.machine('failover')}-events`,
      service: 'events.amazonaws.com',
      of: 'control',
      grants: [
        {
          action: 'states:StartExecution',
          resources: planNames.map((plan) => arns.machine(plan)),
          held: 'started by event',
        },
      ],
    },
  ];
}
