/**
 * The one client factory, of what the control functions call: Region, credentials, connection and request timeouts, and the request handler, which is injectable so that
 * the same clients run in process and on virtual time. Clients are made on first use: loading all of them costs half a second.
 *
 * A call to a dark Region must not hold anything up: without these timeouts an SDK client was still waiting after 90 s.
 */

import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { GlobalAcceleratorClient } from '@aws-sdk/client-global-accelerator';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SSMClient, SSMClientConfig } from '@aws-sdk/client-ssm';

export interface ClientOptions {
  /** Milliseconds to connect. @default 1500 */
  readonly connectionTimeout?: number;
  /** Milliseconds for one answer. @default 5000 */
  readonly requestTimeout?: number;
  /** Tries, the first included. @default 3 */
  readonly attempts?: number;
  readonly endpoint?: string;
  /** In place of the one that speaks HTTP, with its time-outs: requests in process, on another clock. */
  readonly requestHandler?: NonNullable<SSMClientConfig['requestHandler']>;
  /** Credentials, or who gives them when they are needed; the SDK's own chain unless said. */
  readonly credentials?: Credentials | (() => Promise<Credentials & { expiration?: Date }>);
  /** Buckets in the path: a bucket's virtual host doesn't resolve at an endpoint given by address. @default with an endpoint */
  readonly pathStyle?: boolean;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Clients {
  autoScaling(): Promise<AutoScalingClient>;
  cloudWatch(): Promise<CloudWatchClient>;
  dynamoDb(): Promise<DynamoDBClient>;
  ec2(): Promise<EC2Client>;
  balancing(): Promise<ElasticLoadBalancingV2Client>;
  events(): Promise<EventBridgeClient>;
  globalAccelerator(): Promise<GlobalAcceleratorClient>;
  lambda(): Promise<LambdaClient>;
  rds(): Promise<RDSClient>;
  s3(): Promise<S3Client>;
  secrets(): Promise<SecretsManagerClient>;
  sns(): Promise<SNSClient>;
  sqs(): Promise<SQSClient>;
  stepFunctions(): Promise<SFNClient>;
  ssm(): Promise<SSMClient>;
}

/** Clients of one Region. */
export function clientsFor(region: string, options: ClientOptions = {}): Clients {
  const config = clientConfig(region, options);
  return {
    autoScaling: once(async () => new (await import('@aws-sdk/client-auto-scaling')).AutoScalingClient(config)),
    cloudWatch: once(async () => new (await import('@aws-sdk/client-cloudwatch')).CloudWatchClient(config)),
    dynamoDb: once(async () => new (await import('@aws-sdk/client-dynamodb')).DynamoDBClient(config)),
    ec2: once(async () => new (await import('@aws-sdk/client-ec2')).EC2Client(config)),
    balancing: once(
      async () => new (await import('@aws-sdk/client-elastic-load-balancing-v2')).ElasticLoadBalancingV2Client(config),
    ),
    events: once(async () => new (await import('@aws-sdk/client-eventbridge')).EventBridgeClient(config)),
    globalAccelerator: once(
      async () => new (await import('@aws-sdk/client-global-accelerator')).GlobalAcceleratorClient(config),
    ),
    lambda: once(async () => new (await import('@aws-sdk/client-lambda')).LambdaClient(config)),
    rds: once(async () => new (await import('@aws-sdk/client-rds')).RDSClient(config)),
    s3: once(
      async () =>
        new (await import('@aws-sdk/client-s3')).S3Client({
          ...config,
          forcePathStyle: options.pathStyle ?? options.endpoint !== undefined,
        }),
    ),
    secrets: once(async () => new (await import('@aws-sdk/client-secrets-manager')).SecretsManagerClient(config)),
    sns: once(async () => new (await import('@aws-sdk/client-sns')).SNSClient(config)),
    sqs: once(async () => new (await import('@aws-sdk/client-sqs')).SQSClient(config)),
    stepFunctions: once(async () => new (await import('@aws-sdk/client-sfn')).SFNClient(config)),
    ssm: once(async () => new (await import('@aws-sdk/client-ssm')).SSMClient(config)),
  };
}

/** What every client is made with. */
export function clientConfig(region: string, options: ClientOptions) {
  return {
    region,
    maxAttempts: options.attempts ?? 3,
    requestHandler: options.requestHandler ?? {
      connectionTimeout: options.connectionTimeout ?? 1500,
      requestTimeout: options.requestTimeout ?? 5000,
      throwOnRequestTimeout: true,
    },
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  };
}

export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
