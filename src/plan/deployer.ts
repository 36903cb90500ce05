/**
 * What deploying takes. Two policies: whoever runs `pilot-light deploy` looks around and assumes the CDK bootstrap's roles; CloudFormation's
 * execution role (`cdk bootstrap --cloudformation-execution-policies`) makes what the stacks declare. Roles it makes must carry the boundary,
 * which it can't change: so a deployment hands out no more than the boundary allows, whatever its templates say.
 */

import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';
import { arnsOf, namesOf } from '../workload/names.ts';
import type { PolicyDocument } from './boundary.ts';
import { boundaryArn } from './boundary.ts';
import type { Statement } from './role.ts';

const sides: readonly Side[] = ['primary', 'recovery'];

/** For whoever runs `pilot-light deploy`, `diff` and `cost`. */
export function deployerPolicy(workload: Workload, qualifier = 'hnb659fds'): PolicyDocument {
  const { account } = workload;
  const regions = sides.map((side) => regionOf(workload, side));
  const bootstrap = (what: string) =>
    regions.map((region) => `arn:aws:iam::${account}:role/cdk-${qualifier}-${what}-${account}-${region}`);
  return policy([
    allow('Assume', ['sts:AssumeRole'], [...bootstrap('deploy-role'), ...bootstrap('file-publishing-role')]),
    allow(
      'Look',
      [
        'cloudformation:DescribeStackEvents',
        'cloudformation:DescribeStacks',
        'cloudformation:GetTemplate',
        'dynamodb:DescribeTable',
        'ec2:DescribeAccountAttributes',
        'ec2:DescribeAddresses',
        'ec2:DescribeInstanceTypeOfferings',
        'ec2:DescribeRegions',
        'iam:SimulatePrincipalPolicy',
        'lambda:GetAccountSettings',
        'rds:DescribeAccountAttributes',
        'rds:DescribeDBInstances',
        'rds:DescribeOrderableDBInstanceOptions',
        'route53:GetAccountLimit',
        's3:ListBucket',
        'secretsmanager:DescribeSecret',
        'ssm:GetParameter',
        'states:ListExecutions',
      ],
      ['*'],
    ),
  ]);
}

/** For CloudFormation's execution role in both Regions. */
export function executionPolicy(workload: Workload, qualifier = 'hnb659fds'): PolicyDocument {
  const { account, witness, traffic, permissionsBoundary = boundaryArn(workload) } = workload;
  const names = namesOf(workload);
  const arns = arnsOf(workload);
  const control = names.controlFunction('');
  const iam = (kind: string, beginnings: readonly string[]) =>
    beginnings.map((beginning) => `arn:aws:iam::${account}:${kind}/${beginning}*`);
  const ours = [control, `${names.prefix}-`];
  const roles = iam('role', ours);
  const anyRegion = (service: string, ...rest: string[]) => rest.map((one) => `arn:aws:${service}:*:${account}:${one}`);
  const bounded = { StringEquals: { 'iam:PermissionsBoundary': permissionsBoundary } };
  const own = workload.permissionsBoundary === undefined;
  return policy([
    allow(
      'MakeBoundedRoles',
      ['iam:CreateRole', 'iam:PutRolePermissionsBoundary', 'iam:PutRolePolicy'],
      roles,
      bounded,
    ),
    allow(
      'TendRoles',
      [
        'iam:DeleteRole',
        'iam:DeleteRolePolicy',
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:ListAttachedRolePolicies',
        'iam:ListRolePolicies',
        'iam:PassRole',
        'iam:TagRole',
        'iam:UntagRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole',
      ],
      roles,
    ),
    allow(
      'InstanceProfiles',
      [
        'iam:AddRoleToInstanceProfile',
        'iam:CreateInstanceProfile',
        'iam:DeleteInstanceProfile',
        'iam:GetInstanceProfile',
        'iam:RemoveRoleFromInstanceProfile',
      ],
      iam('instance-profile', [`${names.prefix}-`]),
    ),
    // Kept by the account's owner it is out of reach; the workload's own is made once, and not changed but by who may say so.
    ...(own
      ? [allow('MakeBoundary', ['iam:CreatePolicy', 'iam:GetPolicy', 'iam:TagPolicy'], [boundaryArn(workload)])]
      : []),
    allow('ServiceRoles', ['iam:CreateServiceLinkedRole'], [`arn:aws:iam::${account}:role/aws-service-role/*`]),
    allow('Databases', ['rds:*'], anyRegion('rds', `*:${names.database}*`, 'og:default:*')),
    // A global table is made in each of its Regions.
    allow(
      'Tables',
      ['dynamodb:*'],
      witness === undefined ? [arns.table()] : anyRegion('dynamodb', `table/${names.table}`),
    ),
    allow('Buckets', ['s3:*'], [`arn:aws:s3:::${names.prefix}-*`]),
    allow('Assets', ['s3:GetObject'], [`arn:aws:s3:::cdk-${qualifier}-assets-${account}-*`]),
    allow('Queues', ['sqs:*'], anyRegion('sqs', `${names.prefix}-*`)),
    allow('Topics', ['sns:*'], anyRegion('sns', `${control}*`)),
    allow('Rules', ['events:*'], anyRegion('events', `rule/${control}*`, `rule/${names.prefix}-*`)),
    allow(
      'Functions',
      ['lambda:*'],
      anyRegion('lambda', `function:${control}*`, `function:${names.prefix}-*`, 'event-source-mapping:*'),
    ),
    allow('Machines', ['states:*'], anyRegion('states', `stateMachine:${control}*`)),
    allow(
      'Logs',
      ['logs:*'],
      anyRegion('logs', `log-group:/aws/lambda/${control}*`, `log-group:/aws/lambda/${names.prefix}-*`),
    ),
    allow(
      'Parameters',
      ['ssm:*'],
      anyRegion(
        'ssm',
        `parameter${names.parameterPath}*`,
        `parameter${names.roleParameter.replace(/[^/]*$/, '*')}`,
        `parameter/cdk-bootstrap/${qualifier}/version`,
      ),
    ),
    allow('PublicImages', ['ssm:GetParameters'], ['arn:aws:ssm:*::parameter/aws/service/*']),
    allow(
      'Secrets',
      ['secretsmanager:*'],
      anyRegion('secretsmanager', `secret:${names.masterSecret.replace(/[^/]*$/, '*')}`),
    ),
    allow(
      'Alarms',
      ['cloudwatch:*'],
      [
        ...anyRegion('cloudwatch', `alarm:${names.prefix}-*`),
        `arn:aws:cloudwatch::${account}:dashboard/${names.prefix}-*`,
      ],
    ),
    // Making one takes no resource; its id, its listener's and its endpoint groups' are AWS's to choose.
    ...(traffic.latch === 'accelerator'
      ? [allow('Accelerators', ['globalaccelerator:*'], [`arn:aws:globalaccelerator::${account}:accelerator/*`])]
      : []),
    // Of a zone that was there before, its records and nothing else.
    ...(traffic.latch !== 'none' && traffic.zoneId !== undefined
      ? [
          allow(
            'Records',
            ['route53:ChangeResourceRecordSets', 'route53:GetHostedZone', 'route53:ListResourceRecordSets'],
            [`arn:aws:route53:::hostedzone/${traffic.zoneId}`],
          ),
        ]
      : []),
    // Their ids are AWS's to choose, or the action takes no resource.
    allow(
      'Unnamed',
      [
        'autoscaling:*',
        'cloudwatch:DescribeAlarms',
        'ec2:*',
        'elasticloadbalancing:*',
        'kms:*',
        'lambda:CreateEventSourceMapping',
        'rds:Describe*',
        ...(traffic.latch === 'accelerator' ? ['globalaccelerator:CreateAccelerator'] : []),
        ...publicNameActions(traffic),
        'secretsmanager:GetRandomPassword',
        'states:ValidateStateMachineDefinition',
      ],
      ['*'],
    ),
  ]);
}

/** Nobody is led by records where there is no latch; a zone that isn't there yet is made. */
function publicNameActions({ latch, zoneId }: Workload['traffic']): string[] {
  if (latch === 'none') return [];
  return zoneId === undefined
    ? ['route53:*']
    : ['route53:*HealthCheck*', 'route53:*TagsForResource', 'route53:GetChange'];
}

function allow(
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: Statement['Condition'],
): Statement {
  return { Sid, Effect: 'Allow', Action, Resource, ...(Condition === undefined ? {} : { Condition }) };
}

const policy = (Statement: readonly Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
