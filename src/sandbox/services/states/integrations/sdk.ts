/** `arn:aws:states:::aws-sdk:<service>:<action>`: any operation of a service the sandbox has. */

import type { Pattern, ServiceResource } from '../../../asl/resource.ts';
import type { SandboxCore, ServiceName } from '../../../contract.ts';
import type { ApiOperation } from '../../../protocols/api.ts';
import type { Integration } from './catalogue.ts';
import { failureOf } from './failures.ts';
import { javaName } from './java-names.ts';
import { toInput, toOutput } from './sdk-shapes.ts';
import { shapesOf } from './shapes.ts';

/** By the name in the ARN: the service, and the name of its client in the Java SDK, which its errors begin with. */
const services: Readonly<Record<string, readonly [ServiceName, string]>> = {
  autoscaling: ['autoscaling', 'AutoScaling'],
  cloudformation: ['cloudformation', 'CloudFormation'],
  cloudwatch: ['monitoring', 'CloudWatch'],
  cloudwatchlogs: ['logs', 'CloudWatchLogs'],
  dynamodb: ['dynamodb', 'DynamoDb'],
  ec2: ['ec2', 'Ec2'],
  elasticloadbalancingv2: ['elasticloadbalancing', 'ElasticLoadBalancingV2'],
  eventbridge: ['events', 'EventBridge'],
  iam: ['iam', 'Iam'],
  kms: ['kms', 'Kms'],
  lambda: ['lambda', 'Lambda'],
  rds: ['rds', 'Rds'],
  route53: ['route53', 'Route53'],
  s3: ['s3', 'S3'],
  scheduler: ['scheduler', 'Scheduler'],
  secretsmanager: ['secretsmanager', 'SecretsManager'],
  sfn: ['states', 'Sfn'],
  sns: ['sns', 'Sns'],
  sqs: ['sqs', 'Sqs'],
  ssm: ['ssm', 'Ssm'],
  sts: ['sts', 'Sts'],
};

export const sdkServices: readonly string[] = Object.keys(services);
export const sdkPatterns: readonly Pattern[] = ['requestResponse', 'waitForTaskToken'];

export async function sdkProblem(core: SandboxCore, resource: ServiceResource): Promise<string | undefined> {
  const found = await lookUp(core, resource);
  const known = found !== undefined && sdkPatterns.includes(resource.pattern);
  return known ? undefined : `the resource ${resource.arn}`;
}

export async function sdkIntegration(core: SandboxCore, resource: ServiceResource): Promise<Integration> {
  const found = await lookUp(core, resource);
  if (found === undefined) throw new Error(`${resource.arn} was let through at creation`);
  const { service, prefix, operation } = found;
  return {
    prefix,
    patterns: sdkPatterns,
    async call(_, { region, principal }, given) {
      const input = toInput(javaName, operation.input, given);
      try {
        const answer = await core.invoke({ service, operation: operation.name, region, input, principal });
        return (await toOutput(javaName, operation.output, answer)) ?? {};
      } catch (error) {
        throw await failureOf(core, region, error, { style: 'sdk', service, prefix, java: prefix });
      }
    },
  };
}

async function lookUp(
  core: SandboxCore,
  { service: name, action }: ServiceResource,
): Promise<{ service: ServiceName; prefix: string; operation: ApiOperation } | undefined> {
  const known = services[name];
  if (known === undefined) return undefined;
  const [service, prefix] = known;
  const { operations } = await shapesOf(core, service);
  const operation = [...operations.values()].find((candidate) => candidate.name.toLowerCase() === action.toLowerCase());
  return operation === undefined ? undefined : { service, prefix, operation };
}
