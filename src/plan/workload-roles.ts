/** What the application, its functions and its buckets' replication run as. */

import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';
import { arnsOf, namesOf } from '../workload/names.ts';
import { conditionOf, resourceArns } from './resources.ts';
import type { RoleGrant, RoleSpec } from './role.ts';

export function workloadRoles(workload: Workload): RoleSpec[] {
  const names = namesOf(workload);
  const arns = arnsOf(workload);
  const buckets = workload.buckets.flatMap((bucket) => both((side) => arns.bucket(side, bucket)));
  const objects = buckets.map((arn) => `${arn}/*`);
  const queues = [...new Set(Object.values(workload.functions).flatMap(({ queue }) => queue ?? []))].flatMap((queue) =>
    both((side) => arns.queue(side, queue)),
  );
  const own: RoleGrant[] = [
    ...on(
      both((side) => arns.parameter(side, `${names.parameterPath}*`)),
      'ssm:GetParametersByPath',
      'ssm:GetParameter',
      'ssm:GetParameters',
    ),
    ...on(
      both((side) => arns.parameter(side, names.parameterPath.slice(0, -1))),
      'ssm:GetParametersByPath',
    ),
    ...onKeys(workload, 'kms:Decrypt', 'kms:GenerateDataKey'),
    ...on(objects, 's3:GetObject', 's3:PutObject'),
    ...on(buckets, 's3:ListBucket'),
  ];
  return [
    {
      name: `${names.prefix}-instance`,
      service: 'ec2.amazonaws.com',
      of: 'workload',
      grants: [
        ...own,
        ...on(
          both((side) => arns.secret(side, names.applicationSecret)),
          'secretsmanager:GetSecretValue',
        ),
        ...on(queues, 'sqs:SendMessage', 'sqs:GetQueueUrl'),
      ],
    },
    {
      name: `${names.prefix}-function`,
      service: 'lambda.amazonaws.com',
      of: 'workload',
      grants: [
        ...own,
        ...on(
          queues,
          'sqs:ReceiveMessage',
          'sqs:DeleteMessage',
          'sqs:GetQueueAttributes',
          'sqs:ChangeMessageVisibility',
        ),
        ...on(
          both(
            (side) =>
              `arn:aws:logs:${regionOf(workload, side)}:${workload.account}:log-group:/aws/lambda/${names.prefix}-*`,
          ),
          'logs:CreateLogStream',
          'logs:PutLogEvents',
        ),
      ],
    },
    ...(buckets.length === 0
      ? []
      : [
          {
            name: `${names.prefix}-replication`,
            service: 's3.amazonaws.com',
            of: 'workload' as const,
            grants: [
              ...on(buckets, 's3:GetReplicationConfiguration', 's3:ListBucket'),
              ...on(
                objects,
                's3:GetObjectVersionForReplication',
                's3:GetObjectVersionAcl',
                's3:GetObjectVersionTagging',
                's3:ReplicateObject',
                's3:ReplicateDelete',
                's3:ReplicateTags',
              ),
              ...onKeys(workload, 'kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'),
            ],
          },
        ]),
  ];
}

const both = (of: (side: Side) => string): string[] => (['primary', 'recovery'] as const).map(of);

const on = (resources: readonly string[], ...actions: string[]): RoleGrant[] =>
  resources.length === 0 ? [] : actions.map((action) => ({ action, resources }));

const onKeys = (workload: Workload, ...actions: string[]): RoleGrant[] =>
  on(resourceArns(workload, 'dataKeys'), ...actions).map((grant) => ({
    ...grant,
    condition: conditionOf(workload, 'dataKeys'),
  }));
