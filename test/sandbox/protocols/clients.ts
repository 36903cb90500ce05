/** The SDK's client of each service, and the protocols it can be told to speak beside its own. */

import { createRequire } from 'node:module';
import * as acm from '@aws-sdk/client-acm';
import * as autoscaling from '@aws-sdk/client-auto-scaling';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as events from '@aws-sdk/client-eventbridge';
import * as accelerator from '@aws-sdk/client-global-accelerator';
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
import type { ServiceName } from '../../../src/sandbox/contract.ts';

/** A client's package, by name: classes of clients, commands and exceptions. */
// biome-ignore lint/suspicious/noExplicitAny: what is in it is looked up by name.
export type Package = Record<string, any>;

export const clients: Readonly<Record<ServiceName, readonly [Package, client: string]>> = {
  acm: [acm, 'ACMClient'],
  autoscaling: [autoscaling, 'AutoScalingClient'],
  cloudformation: [cloudformation, 'CloudFormationClient'],
  dynamodb: [dynamodb, 'DynamoDBClient'],
  ec2: [ec2, 'EC2Client'],
  elasticloadbalancing: [elb, 'ElasticLoadBalancingV2Client'],
  events: [events, 'EventBridgeClient'],
  globalaccelerator: [accelerator, 'GlobalAcceleratorClient'],
  iam: [iam, 'IAMClient'],
  kms: [kms, 'KMSClient'],
  lambda: [lambda, 'LambdaClient'],
  logs: [logs, 'CloudWatchLogsClient'],
  monitoring: [cloudwatch, 'CloudWatchClient'],
  rds: [rds, 'RDSClient'],
  route53: [route53, 'Route53Client'],
  s3: [s3, 'S3Client'],
  scheduler: [scheduler, 'SchedulerClient'],
  secretsmanager: [secretsmanager, 'SecretsManagerClient'],
  sns: [sns, 'SNSClient'],
  sqs: [sqs, 'SQSClient'],
  ssm: [ssm, 'SSMClient'],
  states: [sfn, 'SFNClient'],
  sts: [sts, 'STSClient'],
};

// The SDK's own protocols, in the version the clients bring along.
const ownProtocols = createRequire(createRequire(import.meta.url).resolve('@aws-sdk/client-sqs'))(
  '@aws-sdk/core/protocols',
) as Package;

export type Dialogue = readonly [name: string, carrier: 'document' | 'xml', settings: object];

/** What a service is spoken to in: by its client as it comes, and by clients of other ages. */
export const dialogues: Readonly<Partial<Record<ServiceName, readonly Dialogue[]>>> = {
  sqs: [
    ['JSON', 'document', {}],
    ['forms', 'xml', { protocol: ownProtocols.AwsQueryProtocol }],
  ],
  monitoring: [
    ['its own', 'document', {}],
    ['forms', 'xml', { protocol: ownProtocols.AwsQueryProtocol }],
    ['JSON', 'document', { protocol: ownProtocols.AwsJson1_0Protocol }],
    ['CBOR', 'document', { protocol: SmithyRpcV2CborProtocol }],
  ],
  dynamodb: [
    ['JSON 1.0', 'document', {}],
    ['JSON 1.1', 'document', { protocol: ownProtocols.AwsJson1_1Protocol }],
  ],
};
