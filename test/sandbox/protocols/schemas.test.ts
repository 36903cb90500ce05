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
import { expect, test } from 'vitest';
import type { ServiceName } from '../../../src/sandbox/contract.ts';
import { apiOf, servicesOnTheWire } from '../../../src/sandbox/protocols/api.ts';
import type { Shape } from '../../../src/sandbox/protocols/shapes.ts';

interface ConfiguredClient {
  readonly config: {
    readonly protocolSettings: {
      readonly version: string;
      readonly serviceTarget: string;
      readonly xmlNamespace?: string;
    };
  };
}

const clients: Record<ServiceName, new (settings: { region: string }) => unknown> = {
  acm: acm.ACMClient,
  autoscaling: autoscaling.AutoScalingClient,
  cloudformation: cloudformation.CloudFormationClient,
  dynamodb: dynamodb.DynamoDBClient,
  ec2: ec2.EC2Client,
  elasticloadbalancing: elb.ElasticLoadBalancingV2Client,
  events: events.EventBridgeClient,
  globalaccelerator: accelerator.GlobalAcceleratorClient,
  iam: iam.IAMClient,
  kms: kms.KMSClient,
  lambda: lambda.LambdaClient,
  logs: logs.CloudWatchLogsClient,
  monitoring: cloudwatch.CloudWatchClient,
  rds: rds.RDSClient,
  route53: route53.Route53Client,
  s3: s3.S3Client,
  scheduler: scheduler.SchedulerClient,
  secretsmanager: secretsmanager.SecretsManagerClient,
  sns: sns.SNSClient,
  sqs: sqs.SQSClient,
  ssm: ssm.SSMClient,
  states: sfn.SFNClient,
  sts: sts.STSClient,
};

test.each(servicesOnTheWire)('the dialect of %s is the one of its client', async (service) => {
  const api = await apiOf(service);
  const { protocolSettings } = (new clients[service]({ region: 'us-east-1' }) as ConfiguredClient).config;
  expect(api).toMatchObject({ version: protocolSettings.version, target: protocolSettings.serviceTarget });
  if (protocolSettings.xmlNamespace !== undefined) expect(api.xmlNamespace).toBe(protocolSettings.xmlNamespace);
});

test.each(servicesOnTheWire)('every type and trait of %s is one the wire reads', async (service) => {
  const api = await apiOf(service);
  const seen = new Set<Shape>();
  const walk = (shape: Shape): void => {
    if (seen.has(shape)) return;
    seen.add(shape);
    if (shape.kind === 'list') walk(shape.item.shape);
    if (shape.kind === 'map') walk(shape.value.shape);
    if (shape.kind === 'structure') for (const member of shape.members) walk(member.shape);
  };
  for (const { input, output } of api.operations.values()) for (const shape of [input, output]) walk(shape);
  for (const error of api.errors.values()) walk(error);
  expect(api.operations.size).toBeGreaterThan(5);
  expect(seen.size).toBeGreaterThan(10);
});
