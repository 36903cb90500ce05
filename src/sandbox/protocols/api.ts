/**
 * What the wire knows of each service: where its schemas are and which dialect it speaks. Schemas are loaded when a service is first
 * addressed: all clients together take over a second, EC2's alone half of that.
 */

import type { ServiceName } from '../contract.ts';
import type { SchemaRef, Structure, Traits } from './shapes.ts';
import { structureOf, traitsOf } from './shapes.ts';

/** The protocol a service was born with. Its clients may speak others, by their age: the request decides. */
export type NativeProtocol = 'query' | 'ec2Query' | 'json' | 'restJson' | 'restXml';

export interface Dialect {
  readonly protocol: NativeProtocol;
  /** `Version` in query requests. */
  readonly version: string;
  /** The prefix of `X-Amz-Target`, and the service's name in RPC v2 paths. */
  readonly target: string;
  readonly xmlNamespace: string;
}

export interface ApiOperation {
  readonly name: string;
  readonly input: Structure;
  readonly output: Structure;
  readonly traits: Traits;
}

/** One service as its clients see it. */
export interface Api extends Dialect {
  readonly service: ServiceName;
  readonly operations: ReadonlyMap<string, ApiOperation>;
  /** Modelled errors by shape name, and by the code query clients see where that differs. */
  readonly errors: ReadonlyMap<string, Structure>;
}

const loaded = new Map<ServiceName, Promise<Api>>();

export function apiOf(service: ServiceName): Promise<Api> {
  const known = loaded.get(service);
  if (known !== undefined) return known;
  const api = load(service);
  loaded.set(service, api);
  return api;
}

async function load(service: ServiceName): Promise<Api> {
  const [dialect, schemas] = [dialects[service], await clients[service]()];
  const operations = new Map<string, ApiOperation>();
  const errors = new Map<string, Structure>();
  for (const schema of Object.values(schemas)) {
    if (!Array.isArray(schema)) continue;
    if (schema[0] === operationSchema) {
      const operation = operationOf(schema);
      operations.set(operation.name, operation);
    } else if (schema[0] === errorSchema) {
      const error = structureOf(asSchema(schema));
      errors.set(error.name, error);
    }
  }
  for (const error of errors.values()) {
    const code = error.traits.awsQueryError?.[0];
    if (code !== undefined && !errors.has(code)) errors.set(code, error);
  }
  return { ...dialect, service, operations, errors };
}

const operationSchema = 9;
const errorSchema = -3;

/** The clients export their schemas as plain arrays; their types are the clients' own affair. */
const asSchema = (schema: unknown): SchemaRef => schema as SchemaRef;

function operationOf(schema: readonly unknown[]): ApiOperation {
  let shapes: { input: Structure; output: Structure } | undefined;
  const compile = () => {
    shapes ??= { input: structureOf(asSchema(schema[4])), output: structureOf(asSchema(schema[5])) };
    return shapes;
  };
  return {
    name: String(schema[2]),
    traits: traitsOf(asSchema(schema)),
    get input() {
      return compile().input;
    },
    get output() {
      return compile().output;
    },
  };
}

const clients: Record<ServiceName, () => Promise<object>> = {
  acm: () => import('@aws-sdk/client-acm'),
  autoscaling: () => import('@aws-sdk/client-auto-scaling'),
  cloudformation: () => import('@aws-sdk/client-cloudformation'),
  dynamodb: () => import('@aws-sdk/client-dynamodb'),
  ec2: () => import('@aws-sdk/client-ec2'),
  elasticloadbalancing: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  events: () => import('@aws-sdk/client-eventbridge'),
  globalaccelerator: () => import('@aws-sdk/client-global-accelerator'),
  iam: () => import('@aws-sdk/client-iam'),
  kms: () => import('@aws-sdk/client-kms'),
  lambda: () => import('@aws-sdk/client-lambda'),
  logs: () => import('@aws-sdk/client-cloudwatch-logs'),
  monitoring: () => import('@aws-sdk/client-cloudwatch'),
  rds: () => import('@aws-sdk/client-rds'),
  route53: () => import('@aws-sdk/client-route-53'),
  s3: () => import('@aws-sdk/client-s3'),
  scheduler: () => import('@aws-sdk/client-scheduler'),
  secretsmanager: () => import('@aws-sdk/client-secrets-manager'),
  sns: () => import('@aws-sdk/client-sns'),
  sqs: () => import('@aws-sdk/client-sqs'),
  ssm: () => import('@aws-sdk/client-ssm'),
  states: () => import('@aws-sdk/client-sfn'),
  sts: () => import('@aws-sdk/client-sts'),
};

/** From `protocolSettings` in each client's runtimeConfig.shared.js; a test compares them. */
const dialects: Record<ServiceName, Dialect> = {
  acm: dialect('json', '2015-12-08', 'CertificateManager', ''),
  autoscaling: dialect(
    'query',
    '2011-01-01',
    'AutoScaling_2011_01_01',
    'http://autoscaling.amazonaws.com/doc/2011-01-01/',
  ),
  cloudformation: dialect(
    'query',
    '2010-05-15',
    'CloudFormation',
    'http://cloudformation.amazonaws.com/doc/2010-05-15/',
  ),
  dynamodb: dialect('json', '2012-08-10', 'DynamoDB_20120810', 'http://dynamodb.amazonaws.com/doc/2012-08-10/'),
  ec2: dialect('ec2Query', '2016-11-15', 'AmazonEC2', 'http://ec2.amazonaws.com/doc/2016-11-15'),
  elasticloadbalancing: dialect(
    'query',
    '2015-12-01',
    'ElasticLoadBalancing_v10',
    'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  ),
  events: dialect('json', '2015-10-07', 'AWSEvents', 'http://events.amazonaws.com/doc/2015-10-07'),
  globalaccelerator: dialect('json', '2018-08-08', 'GlobalAccelerator_V20180706', ''),
  iam: dialect('query', '2010-05-08', 'AWSIdentityManagementV20100508', 'https://iam.amazonaws.com/doc/2010-05-08/'),
  kms: dialect('json', '2014-11-01', 'TrentService', 'https://trent.amazonaws.com/doc/2014-11-01/'),
  lambda: dialect('restJson', '2015-03-31', 'AWSGirApiService', ''),
  logs: dialect('json', '2014-03-28', 'Logs_20140328', 'http://monitoring.amazonaws.com/doc/2014-03-28/'),
  monitoring: dialect(
    'query',
    '2010-08-01',
    'GraniteServiceVersion20100801',
    'http://monitoring.amazonaws.com/doc/2010-08-01/',
  ),
  rds: dialect('query', '2014-10-31', 'AmazonRDSv19', 'http://rds.amazonaws.com/doc/2014-10-31/'),
  route53: dialect('restXml', '2013-04-01', 'AWSDnsV20130401', 'https://route53.amazonaws.com/doc/2013-04-01/'),
  s3: dialect('restXml', '2006-03-01', 'AmazonS3', 'http://s3.amazonaws.com/doc/2006-03-01/'),
  scheduler: dialect('restJson', '2021-06-30', 'AWSChronosService', ''),
  secretsmanager: dialect('json', '2017-10-17', 'secretsmanager', ''),
  sns: dialect('query', '2010-03-31', 'AmazonSimpleNotificationService', 'http://sns.amazonaws.com/doc/2010-03-31/'),
  sqs: dialect('query', '2012-11-05', 'AmazonSQS', 'http://queue.amazonaws.com/doc/2012-11-05/'),
  ssm: dialect('json', '2014-11-06', 'AmazonSSM', 'http://ssm.amazonaws.com/doc/2014-11-06/'),
  states: dialect('json', '2016-11-23', 'AWSStepFunctions', 'http://swf.amazonaws.com/doc/2015-07-20/'),
  sts: dialect('query', '2011-06-15', 'AWSSecurityTokenServiceV20110615', 'https://sts.amazonaws.com/doc/2011-06-15/'),
};

function dialect(protocol: NativeProtocol, version: string, target: string, xmlNamespace: string): Dialect {
  return { protocol, version, target, xmlNamespace };
}

/** The services the wire knows, by their signing names. */
export const servicesOnTheWire = Object.keys(clients) as ServiceName[];
