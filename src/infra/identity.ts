/**
 * Every role of the workload on both sides, by name. IAM is global and its control plane stands in us-east-1, so nothing of it is touched
 * by a failover; the stack of the roles stands in the recovery Region.
 */

import type { Stack } from 'aws-cdk-lib';
import { CfnPolicy, CfnRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { FunctionName } from '../functions/contract.ts';
import { functionNames, functionSpecs, functionsOf } from '../functions/contract.ts';
import { grantsOf } from '../plan/grants.ts';
import type { Condition, ResourceKey } from '../plan/resources.ts';
import { conditionOf, resourceArns } from '../plan/resources.ts';
import type { Side, Workload } from '../workload/config.ts';
import { regionOf } from '../workload/config.ts';
import { acknowledgeWildcards } from './acknowledged.ts';
import { Home } from './part.ts';
import type { Place } from './place.ts';
import { controlRoleName, placeOf } from './place.ts';

interface Statement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Condition;
}

const sides: readonly Side[] = ['primary', 'recovery'];

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
    this.#controlRoles();
    this.#machineRoles();
    this.#workloadRoles();
  }

  #controlRoles(): void {
    const { workload } = this.home.place;
    for (const side of sides) {
      for (const name of functionsOf(workload, side)) {
        const statements = grantsOf(name, side).map(({ action, on }) => statementOn(workload, [action], on));
        this.#role(controlRoleName(placeOf(workload, side), name), 'lambda.amazonaws.com', [
          ...merged(statements),
          ...functionBasics(this.home.place, name, side),
        ]);
      }
    }
  }

  #machineRoles(): void {
    const { names, arns } = this.home.place;
    const stepFunctions = functionNames.filter((name) => functionSpecs[name].handler === 'step');
    this.#role(`${names.failoverMachine}-machine`, 'states.amazonaws.com', [
      {
        Effect: 'Allow',
        Action: ['lambda:InvokeFunction'],
        Resource: stepFunctions.map((name) => arns.controlFunction('recovery', name)),
      },
    ]);
    this.#role(`${names.failoverMachine}-events`, 'events.amazonaws.com', [
      {
        Effect: 'Allow',
        Action: ['states:StartExecution'],
        Resource: [arns.machine('failover'), arns.machine('failback')],
      },
    ]);
  }

  #workloadRoles(): void {
    const { workload, names, arns } = this.home.place;
    const both = (of: (side: Side) => string) => sides.map(of);
    const buckets = workload.buckets.flatMap((bucket) => both((side) => arns.bucket(side, bucket)));
    const objects = buckets.map((arn) => `${arn}/*`);
    const queues = Object.values(workload.functions).flatMap(({ queue }) =>
      queue === undefined ? [] : both((side) => arns.queue(side, queue)),
    );
    const onKeys = (...actions: string[]): Statement => statementOn(workload, actions, 'dataKeys');
    const own: Statement[] = [
      {
        Effect: 'Allow',
        Action: ['ssm:GetParametersByPath', 'ssm:GetParameter', 'ssm:GetParameters'],
        Resource: both((side) => arns.parameter(side, `${names.parameterPath}*`)),
      },
      {
        Effect: 'Allow',
        Action: ['ssm:GetParametersByPath'],
        Resource: both((side) => arns.parameter(side, names.parameterPath.slice(0, -1))),
      },
      onKeys('kms:Decrypt', 'kms:GenerateDataKey'),
      ...(buckets.length === 0
        ? []
        : [
            { Effect: 'Allow' as const, Action: ['s3:GetObject', 's3:PutObject'], Resource: objects },
            { Effect: 'Allow' as const, Action: ['s3:ListBucket'], Resource: buckets },
          ]),
    ];
    this.#role(`${names.prefix}-instance`, 'ec2.amazonaws.com', [
      ...own,
      {
        Effect: 'Allow',
        Action: ['secretsmanager:GetSecretValue'],
        Resource: both((side) => arns.secret(side, names.applicationSecret)),
      },
      ...(queues.length === 0
        ? []
        : [{ Effect: 'Allow' as const, Action: ['sqs:SendMessage', 'sqs:GetQueueUrl'], Resource: queues }]),
    ]);
    this.#role(`${names.prefix}-function`, 'lambda.amazonaws.com', [
      ...own,
      ...(queues.length === 0
        ? []
        : [
            {
              Effect: 'Allow' as const,
              Action: [
                'sqs:ReceiveMessage',
                'sqs:DeleteMessage',
                'sqs:GetQueueAttributes',
                'sqs:ChangeMessageVisibility',
              ],
              Resource: queues,
            },
          ]),
      ...logging(
        workload.account,
        sides.map((side) => regionOf(workload, side)),
        names.prefix,
      ),
    ]);
    if (buckets.length > 0) {
      this.#role(`${names.prefix}-replication`, 's3.amazonaws.com', [
        { Effect: 'Allow', Action: ['s3:GetReplicationConfiguration', 's3:ListBucket'], Resource: buckets },
        {
          Effect: 'Allow',
          Action: ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'],
          Resource: objects,
        },
        {
          Effect: 'Allow',
          Action: ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'],
          Resource: objects,
        },
        onKeys('kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'),
      ]);
    }
  }

  #role(name: string, service: string, statements: readonly Statement[]): CfnRole {
    const id = name
      .replaceAll(/[^A-Za-z0-9]/g, ' ')
      .replaceAll(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase());
    const role = new CfnRole(this.home, id, {
      roleName: name,
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
      },
    });
    const policy = new CfnPolicy(this.home, `${id}Policy`, {
      policyName: 'own',
      roles: [role.ref],
      policyDocument: { Version: '2012-10-17', Statement: statements },
    });
    acknowledgeWildcards(policy, statements);
    return role;
  }
}

function statementOn(workload: Place['workload'], actions: readonly string[], on: ResourceKey): Statement {
  const condition = conditionOf(workload, on);
  return {
    Effect: 'Allow',
    Action: actions,
    Resource: resourceArns(workload, on),
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}

/** Actions on the same resources share a statement: role policies have a size limit. */
function merged(statements: readonly Statement[]): Statement[] {
  const byResource = new Map<string, Statement>();
  for (const statement of statements) {
    if (statement.Resource.length === 0) continue;
    const key = JSON.stringify([statement.Resource, statement.Condition]);
    const known = byResource.get(key);
    byResource.set(
      key,
      known === undefined
        ? statement
        : { ...known, Action: [...new Set([...known.Action, ...statement.Action])].sort() },
    );
  }
  return [...byResource.values()];
}

/** Logs for all; network interfaces for those that stand in the VPC (EC2 gives these calls no resource-level permission). */
function functionBasics({ workload, names }: Place, name: FunctionName, side: Side): Statement[] {
  const logs = logging(workload.account, [regionOf(workload, side)], names.controlFunction(name));
  if (functionSpecs[name].stands === 'api') return logs;
  return [
    ...logs,
    {
      Effect: 'Allow',
      Action: [
        'ec2:CreateNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DeleteNetworkInterface',
      ],
      Resource: ['*'],
    },
  ];
}

const logging = (account: string, regions: readonly string[], prefix: string): Statement[] => [
  {
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: regions.map((region) => `arn:aws:logs:${region}:${account}:log-group:/aws/lambda/${prefix}*`),
  },
];
