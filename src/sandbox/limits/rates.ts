/**
 * The rates at which an account may call AWS's APIs, as data: the first row of a service that is about a call names its bucket. What
 * has no row has no number in `facts/aws-model.json`, and isn't limited.
 *
 * One bucket serves all operations of a row unless it says `each`: AWS's pages say "shared" where a rate is.
 */

import type { DescribeInstancesCommandInput, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { type BucketSize, bucketSize, byRegion, limits, perSecond } from '../../facts/limits.ts';
import type { ServiceName } from '../contract.ts';

export interface Rate {
  readonly service: ServiceName;
  /** The operations it is about: those named, or those the expression matches. */
  readonly operations: readonly string[] | RegExp;
  /** What they are called where they aren't listed. */
  readonly name?: string;
  readonly size: (region: string) => BucketSize;
  /** Every operation has a bucket of its own. */
  readonly each?: true;
  /** One bucket for all Regions: the API is global. */
  readonly global?: true;
  /** Of the calls of its operations, which it is about; all unless said. */
  readonly when?: (input: unknown) => boolean;
  /** How many tokens a call takes; one unless said. */
  readonly cost?: (input: unknown) => number;
}

const {
  autoscaling,
  ec2_token_buckets: ec2,
  eventbridge_classic: events,
  lambda,
  rds,
  route53,
  ssm,
  stepfunctions,
} = limits;

/** Source: EC2 Developer Guide, "Request throttling for the Amazon EC2 API": every API has buckets of its own, by category. */
const ec2Rates: readonly Rate[] = [
  ...(
    [
      'CopyImage',
      'CreateImage',
      'CreateLaunchTemplateVersion',
      'CreateNatGateway',
      'CreateSnapshot',
      'CreateTags',
      'CreateVpcEndpoint',
      'DeleteNatGateway',
      'DeleteSnapshot',
      'DeleteTags',
      'DeleteVpcEndpoints',
      'DeregisterImage',
      'ModifyLaunchTemplate',
      'ModifyVpcEndpoint',
      'RunInstances',
      'StartInstances',
      'TerminateInstances',
    ] as const
  ).map((name): Rate => ({ service: 'ec2', operations: [name], size: () => bucketSize(ec2[name]) })),
  {
    service: 'ec2',
    name: 'unfiltered and unpaginated describes',
    operations: [
      'DescribeInstances',
      'DescribeInstanceStatus',
      'DescribeNetworkInterfaces',
      'DescribeSecurityGroups',
      'DescribeSnapshots',
    ],
    size: () => bucketSize(ec2.unfiltered_unpaginated_describe),
    each: true,
    when: (input) => {
      const { Filters = [], MaxResults } = input as DescribeInstancesCommandInput;
      return Filters.length === 0 && MaxResults === undefined;
    },
  },
  {
    service: 'ec2',
    name: 'other non-mutating APIs',
    operations: /^(Describe|List|Search|Get)/,
    size: () => bucketSize(ec2.non_mutating),
    each: true,
  },
  {
    service: 'ec2',
    name: 'other mutating APIs',
    operations: /./,
    size: () => bucketSize(ec2.mutating_default),
    each: true,
  },
];

export const requestRates: readonly Rate[] = [
  ...ec2Rates,
  // Invocations aren't control plane: concurrency limits them.
  { service: 'lambda', operations: ['GetFunction'], size: () => perSecond(lambda.get_function_rps) },
  { service: 'lambda', operations: ['GetPolicy'], size: () => perSecond(lambda.get_policy_rps) },
  {
    service: 'lambda',
    name: 'the rest of the control plane',
    operations: /^(?!Invoke)/,
    size: () => perSecond(lambda.control_plane_rps_shared),
  },
  { service: 'ssm', operations: ['PutParameter'], size: () => perSecond(ssm.put_tps_default) },
  {
    service: 'ssm',
    operations: ['GetParameter', 'GetParameters', 'GetParametersByPath'],
    size: () => perSecond(ssm.get_tps_default_shared),
  },
  {
    service: 'ssm',
    operations: ['DescribeParameters', 'GetParameterHistory', 'LabelParameterVersion'],
    size: () => perSecond(ssm.label_describe_history_tps_default),
    each: true,
  },
  {
    service: 'ssm',
    operations: ['DeleteParameter', 'DeleteParameters'],
    size: () => perSecond(ssm.delete_tps_default),
    each: true,
  },
  {
    service: 'route53',
    name: 'all APIs',
    operations: /./,
    size: () => perSecond(route53.api_rps_per_account),
    global: true,
  },
  {
    service: 'rds',
    name: 'describing APIs',
    operations: /^(Describe|List)/,
    size: () => perSecond(rds.api_rate_model_rps_describe),
  },
  { service: 'rds', name: 'mutating APIs', operations: /./, size: () => perSecond(rds.api_rate_model_rps_mutating) },
  { service: 'autoscaling', name: 'all APIs', operations: /./, size: () => perSecond(autoscaling.api_rate_model_rps) },
  {
    service: 'events',
    name: 'all APIs but PutEvents',
    operations: /^(?!PutEvents$)/,
    size: () => perSecond(events.control_plane_tps),
  },
  {
    service: 'states',
    operations: ['StartExecution'],
    size: (region) => byRegion(stepfunctions.start_execution, region),
  },
  {
    service: 'states',
    operations: ['DescribeExecution'],
    size: (region) => byRegion(stepfunctions.describe_execution, region),
  },
  {
    service: 'states',
    operations: ['SendTaskFailure', 'SendTaskHeartbeat', 'SendTaskSuccess'],
    size: (region) => byRegion(stepfunctions.send_task, region),
    each: true,
  },
];

const named = (input: unknown): number => (input as { InstanceIds?: readonly string[] }).InstanceIds?.length ?? 0;

/** The quota is of a day; as a bucket it fills up again over one. */
const daily = (count: number): BucketSize => ({ capacity: count, refill: count / 86_400 });

/** Beside their requests, these APIs are limited by how many resources they touch. Source: the same page of the EC2 guide. */
export const resourceRates: readonly Rate[] = [
  {
    service: 'route53',
    operations: ['CreateHealthCheck'],
    size: () => daily(route53.health_check_creates_per_24h),
    global: true,
  },
  {
    service: 'ec2',
    operations: ['RunInstances'],
    size: () => bucketSize(ec2.RunInstances_resource_tokens),
    cost: (input) => (input as RunInstancesCommandInput).MaxCount ?? 1,
  },
  {
    service: 'ec2',
    operations: ['StartInstances'],
    size: () => bucketSize(ec2.StartInstances_resource_tokens),
    cost: named,
  },
  {
    service: 'ec2',
    operations: ['StopInstances'],
    size: () => bucketSize(ec2.StopInstances_resource_tokens),
    cost: named,
  },
  {
    service: 'ec2',
    operations: ['TerminateInstances'],
    size: () => bucketSize(ec2.TerminateInstances_resource_tokens),
    cost: named,
  },
];
