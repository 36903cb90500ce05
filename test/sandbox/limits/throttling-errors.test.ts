/** What real clients make of each service's throttling error: its code, its status, its class, and that it is worth another try. */

import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { isThrottlingError } from '@smithy/core/retry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service } from '../../../src/sandbox/contract.ts';
import { operation, outside } from '../../../src/sandbox/contract.ts';
import { servicesOnTheWire } from '../../../src/sandbox/protocols/api.ts';
import { type WiredSandbox, wiredSandbox } from '../../support/wired-sandbox.ts';

const served = [
  'DescribeAutoScalingGroups',
  'ListStacks',
  'ListMetrics',
  'DescribeLogGroups',
  'DescribeTable',
  'GetItem',
  'DescribeVpcs',
  'DescribeLoadBalancers',
  'ListRules',
  'ListRoles',
  'ListKeys',
  'Invoke',
  'ListFunctions',
  'DescribeDBInstances',
  'ListHostedZones',
  'ListBuckets',
  'ListSchedules',
  'ListSecrets',
  'ListStateMachines',
  'ListTopics',
  'ListQueues',
  'PutParameter',
  'GetCallerIdentity',
];

let world: WiredSandbox;

beforeAll(async () => {
  world = await wiredSandbox(
    servicesOnTheWire.map(
      (name) => (): Service => ({
        name,
        operations: Object.fromEntries(served.map((one) => [one, operation(() => ({}))])),
      }),
    ),
  );
  await world.sandbox.board.raise({ kind: 'throttle', share: 1 });
}, 30_000);
afterAll(() => world[Symbol.asyncDispose]());

const rateExceeded = 'Rate exceeded';

test.each([
  ['Auto Scaling', 'Throttling', 400, rateExceeded, AutoScalingClient, new DescribeAutoScalingGroupsCommand({})],
  ['CloudFormation', 'Throttling', 400, rateExceeded, CloudFormationClient, new ListStacksCommand({})],
  ['CloudWatch', 'Throttling', 400, rateExceeded, CloudWatchClient, new ListMetricsCommand({})],
  ['CloudWatch Logs', 'ThrottlingException', 400, rateExceeded, CloudWatchLogsClient, new DescribeLogGroupsCommand({})],
  [
    'DynamoDB tables',
    'ThrottlingException',
    400,
    rateExceeded,
    DynamoDBClient,
    new DescribeTableCommand({ TableName: 't' }),
  ],
  [
    'DynamoDB items',
    'ThrottlingException',
    400,
    /^Throughput exceeds the current capacity/,
    DynamoDBClient,
    new GetItemCommand({ TableName: 't', Key: {} }),
  ],
  ['EC2', 'RequestLimitExceeded', 503, /^Request limit exceeded\./, EC2Client, new DescribeVpcsCommand({})],
  [
    'Load balancing',
    'Throttling',
    400,
    rateExceeded,
    ElasticLoadBalancingV2Client,
    new DescribeLoadBalancersCommand({}),
  ],
  ['EventBridge', 'ThrottlingException', 400, rateExceeded, EventBridgeClient, new ListRulesCommand({})],
  ['IAM', 'Throttling', 400, rateExceeded, IAMClient, new ListRolesCommand({})],
  ['KMS', 'ThrottlingException', 400, /rate at which you may call KMS/, KMSClient, new ListKeysCommand({})],
  ['Lambda', 'TooManyRequestsException', 429, rateExceeded, LambdaClient, new ListFunctionsCommand({})],
  [
    'Lambda invocations',
    'TooManyRequestsException',
    429,
    'Rate Exceeded.',
    LambdaClient,
    new InvokeCommand({ FunctionName: 'f' }),
  ],
  ['RDS', 'Throttling', 400, rateExceeded, RDSClient, new DescribeDBInstancesCommand({})],
  ['Route 53', 'Throttling', 400, rateExceeded, Route53Client, new ListHostedZonesCommand({})],
  ['S3', 'SlowDown', 503, 'Please reduce your request rate.', S3Client, new ListBucketsCommand({})],
  ['Scheduler', 'ThrottlingException', 429, rateExceeded, SchedulerClient, new ListSchedulesCommand({})],
  ['Secrets Manager', 'ThrottlingException', 400, rateExceeded, SecretsManagerClient, new ListSecretsCommand({})],
  ['Step Functions', 'ThrottlingException', 400, rateExceeded, SFNClient, new ListStateMachinesCommand({})],
  ['SNS', 'Throttling', 400, rateExceeded, SNSClient, new ListTopicsCommand({})],
  ['SQS', 'RequestThrottled', 403, /throttling/, SQSClient, new ListQueuesCommand({})],
  ['SSM', 'ThrottlingException', 400, rateExceeded, SSMClient, new PutParameterCommand({ Name: '/a', Value: 'b' })],
  ['STS', 'Throttling', 400, rateExceeded, STSClient, new GetCallerIdentityCommand({})],
] as const)('%s: %s, %i', async (_name, code, status, message, Client, command) => {
  const client = new Client({
    endpoint: world.sandbox.core.endpoint(outside),
    region: 'us-east-1',
    credentials: world.credentials,
    maxAttempts: 1,
  }) as { send(command: unknown): Promise<unknown>; destroy(): void };
  const error = (await client.send(command).catch((thrown: unknown) => thrown)) as Error;
  client.destroy();
  expect(error).toMatchObject({
    name: code,
    message: expect.stringMatching(message),
    $metadata: { httpStatusCode: status },
  });
  expect(isThrottlingError(error as Parameters<typeof isThrottlingError>[0])).toBe(true);
});

test("Lambda says whose rate it was, in its exception's own fields", async () => {
  const client = await world.clients('us-east-1').lambda();
  const { TooManyRequestsException } = await import('@aws-sdk/client-lambda');
  const error: unknown = await client.send(new ListFunctionsCommand({})).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TooManyRequestsException);
  expect(error).toMatchObject({ Reason: 'CallerRateLimitExceeded', Type: 'User', $metadata: { attempts: 3 } });
});
