/** Names of AWS resources that a config would make longer than AWS takes. */

import type { Workload } from '../config.ts';
import { regionOf } from '../judged.ts';
import { namesOf } from '../names.ts';
import type { Problem } from '../refusal.ts';

interface Limited {
  readonly what: string;
  readonly name: string;
  readonly limit: number;
  /** The field to shorten. */
  readonly path: readonly string[];
}

/**
 * Sources: S3 User Guide, "Bucket naming rules" (63); SQS Developer Guide, "Queue and message identifiers" (80); Lambda API,
 * CreateFunction (64); Elastic Load Balancing v2 API, CreateLoadBalancer and CreateTargetGroup (32); IAM User Guide, "IAM and AWS STS
 * quotas" (role 64); RDS API, CreateDBInstance (63); Step Functions API, CreateStateMachine (80); EventBridge API, PutRule (64);
 * Systems Manager API, PutParameter (1011 with the ARN's part, 15 levels).
 */
const limits = {
  bucket: 63,
  queue: 80,
  function: 64,
  balancer: 32,
  role: 64,
  database: 63,
  machine: 80,
  rule: 64,
  parameter: 900,
};
const parameterLevels = 15;

export function tooLongNames(workload: Workload): Problem[] {
  const long = limitedNames(workload)
    .filter(({ name, limit }) => name.length > limit)
    .map(({ what, name, limit, path }) => ({
      path,
      message: `it makes the name of ${what} ${name.length} characters long: ${name}`,
      allowed: `${limit} characters at most, so ${name.length - limit} fewer here`,
    }));
  return [...long, ...tooDeepParameters(workload)];
}

function limitedNames(workload: Workload): Limited[] {
  const names = namesOf(workload);
  const sides = ['primary', 'recovery'] as const;
  return [
    { what: 'the load balancer', name: names.loadBalancer, limit: limits.balancer, path: ['name'] },
    ...Object.keys(workload.compute).map((group) => ({
      what: 'the target group',
      name: names.targetGroup(group),
      limit: limits.balancer,
      path: ['compute', group],
    })),
    { what: 'a role', name: `${names.prefix}-replication`, limit: limits.role, path: ['name'] },
    // Renamed when it is kept, with the epoch behind it.
    { what: 'a kept database', name: names.keptDatabase(999), limit: limits.database, path: ['name'] },
    { what: 'a state machine', name: names.machine('failover'), limit: limits.machine, path: ['environment'] },
    { what: 'a rule', name: names.reconcileRule, limit: limits.rule, path: ['environment'] },
    ...workload.buckets.flatMap((bucket, index) =>
      sides.map((side) => ({
        what: `the bucket in ${regionOf(workload, side)}`,
        name: names.bucket(bucket, side),
        limit: limits.bucket,
        path: ['buckets', String(index)],
      })),
    ),
    ...Object.entries(workload.functions).flatMap(([name, { queue }]) => [
      { what: 'the function', name: names.workloadFunction(name), limit: limits.function, path: ['functions', name] },
      { what: 'its rule', name: names.functionRule(name, 'schedule'), limit: limits.rule, path: ['functions', name] },
      ...(queue === undefined
        ? []
        : [
            {
              what: 'the dead-letter queue',
              name: `${names.queue(queue)}-dead`,
              limit: limits.queue,
              path: ['functions', name, 'queue'],
            },
          ]),
    ]),
    ...Object.keys(workload.parameters.values).map((name) => ({
      what: 'the parameter',
      name: `${names.parameterPath}${name}`,
      limit: limits.parameter,
      path: ['parameters', 'values', name],
    })),
  ];
}

function tooDeepParameters(workload: Workload): Problem[] {
  const { parameterPath } = namesOf(workload);
  return Object.keys(workload.parameters.values).flatMap((name) => {
    const levels = `${parameterPath}${name}`.split('/').length - 1;
    if (levels <= parameterLevels) return [];
    return [
      {
        path: ['parameters', 'values', name],
        message: `the parameter's name has ${levels} levels, the workload's path included`,
        allowed: `${parameterLevels} levels`,
      },
    ];
  });
}
