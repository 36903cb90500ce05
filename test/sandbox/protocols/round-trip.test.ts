/**
 * The SDK's own clients are the other side: any input a client sends reaches the service unchanged, and any output a service answers
 * reaches the client unchanged, in every protocol.
 */

import * as autoscaling from '@aws-sdk/client-auto-scaling';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as rds from '@aws-sdk/client-rds';
import * as route53 from '@aws-sdk/client-route-53';
import * as s3 from '@aws-sdk/client-s3';
import * as scheduler from '@aws-sdk/client-scheduler';
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as sfn from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServiceName } from '../../../src/sandbox/contract.ts';
import { inProcessHandler } from '../../../src/sandbox/gateway/in-process.ts';
import { apiOf } from '../../../src/sandbox/protocols/api.ts';
import type { World } from '../gateway/world.ts';
import { startWorld } from '../gateway/world.ts';
import { anyText, structure, xmlText } from './arbitrary.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const json = [
  ['ssm', ssm, 'SSMClient', ['PutParameter', 'DescribeParameters', 'GetParametersByPath']],
  ['dynamodb', dynamodb, 'DynamoDBClient', ['Query', 'TransactWriteItems', 'DescribeTable']],
  ['states', sfn, 'SFNClient', ['DescribeExecution', 'GetExecutionHistory']],
  ['logs', logs, 'CloudWatchLogsClient', ['FilterLogEvents']],
  ['events', events, 'EventBridgeClient', ['PutTargets', 'PutEvents']],
  ['secretsmanager', secretsmanager, 'SecretsManagerClient', ['DescribeSecret']],
  ['kms', kms, 'KMSClient', ['Encrypt', 'DescribeKey']],
  ['sqs', sqs, 'SQSClient', ['CreateQueue', 'GetQueueAttributes']],
  ['monitoring', cloudwatch, 'CloudWatchClient', ['PutMetricAlarm', 'GetMetricData', 'DescribeAlarms']],
  ['lambda', lambda, 'LambdaClient', ['CreateFunction', 'ListEventSourceMappings', 'GetPolicy']],
  ['scheduler', scheduler, 'SchedulerClient', ['CreateSchedule', 'ListSchedules']],
] as const;
const xml = [
  ['autoscaling', autoscaling, 'AutoScalingClient', ['CreateAutoScalingGroup', 'DescribeAutoScalingGroups']],
  ['cloudformation', cloudformation, 'CloudFormationClient', ['CreateStack', 'DescribeStackEvents']],
  ['ec2', ec2, 'EC2Client', ['RunInstances', 'CreateLaunchTemplate', 'DescribeVpcs']],
  ['elasticloadbalancing', elb, 'ElasticLoadBalancingV2Client', ['CreateListener', 'DescribeTargetHealth']],
  ['iam', iam, 'IAMClient', ['CreateRole', 'ListRoles']],
  ['rds', rds, 'RDSClient', ['ModifyDBInstance', 'DescribeDBParameters']],
  ['sns', sns, 'SNSClient', ['Publish', 'GetTopicAttributes']],
  ['sts', sts, 'STSClient', ['AssumeRole']],
  ['route53', route53, 'Route53Client', ['ChangeResourceRecordSets', 'CreateHealthCheck', 'ListResourceRecordSets']],
  [
    's3',
    s3,
    'S3Client',
    [
      'ListObjectsV2',
      'PutBucketLifecycleConfiguration',
      'PutBucketReplication',
      'GetBucketAcl',
      'PutBucketAcl',
      'ListParts',
    ],
  ],
] as const;

interface Case {
  readonly service: ServiceName;
  readonly package: object;
  readonly client: string;
  readonly operation: string;
  readonly text: fc.Arbitrary<string>;
  readonly settings: object;
}

const casesOf = (rows: typeof json | typeof xml, text: fc.Arbitrary<string>): Case[] =>
  rows.flatMap(([service, of, client, operations]) =>
    operations.map((operation) => ({ service, package: of, client, operation, text, settings: {} })),
  );

const inCbor = {
  service: 'monitoring',
  package: cloudwatch,
  client: 'CloudWatchClient',
  text: anyText,
  settings: { protocol: SmithyRpcV2CborProtocol },
} as const;

const cases: Case[] = [
  ...casesOf(json, anyText),
  ...casesOf(xml, xmlText),
  ...['PutMetricAlarm', 'GetMetricData', 'PutMetricData'].map((operation) => ({ ...inCbor, operation })),
];

test.each(
  cases.map(
    (given) =>
      [
        `${given.service}:${given.operation} ${Object.keys(given.settings).length > 0 ? 'in CBOR' : ''}`,
        given,
      ] as const,
  ),
)('%s', async (_name, given) => {
  const { service, operation, text } = given;
  const api = await apiOf(service);
  const found = api.operations.get(operation);
  if (found === undefined) throw new Error(`no ${operation}`);
  // biome-ignore lint/suspicious/noExplicitAny: clients and commands are looked up by name.
  const parts = given.package as Record<string, any>;
  const client = new parts[given.client]({
    ...world.client,
    ...given.settings,
    requestHandler: inProcessHandler(world.door, 'outside'),
  });
  const bounds = { text, deepest: 4 };
  const inputs = structure(found.input, bounds).map(sendable);
  await fc.assert(
    fc.asyncProperty(inputs, structure(found.output, bounds), async (input, output) => {
      world.on(`${service}:${operation}`, () => output);
      const { $metadata: _metadata, ...answer } = await client.send(
        new parts[`${operation}Command`](structuredClone(input)),
      );
      expect(added(world.asked.at(-1)?.input, input)).toEqual(input);
      expect(answer).toEqual(output);
    }),
    { numRuns: 25 },
  );
});

/** Without what the client checks or rewrites before it sends it. */
function sendable(input: Record<string, unknown>): Record<string, unknown> {
  const handled = ['EndpointId', 'ChecksumAlgorithm', 'SSECustomerKey', 'ExpectedBucketOwner', 'ContentMD5'];
  const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !handled.includes(name)));
  return 'Bucket' in rest ? { ...rest, Bucket: 'some-bucket' } : rest;
}

/** Without what the client adds on its own account. */
function added(received: Record<string, unknown> = {}, given: Record<string, unknown>): Record<string, unknown> {
  const own = ['ClientToken', 'ClientRequestToken', 'clientToken', 'ChecksumAlgorithm', 'ContentMD5'];
  return Object.fromEntries(
    Object.entries(received).filter(([name]) => name in given || !(own.includes(name) || name.startsWith('Checksum'))),
  );
}
