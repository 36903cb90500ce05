/**
 * All of AWS in process, for stories that are cut short: real services over machines that do nothing, and functions that are code of
 * the test. What functions did and what databases follow lives on when the sandbox is killed, as the world outside and disks do.
 */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Balancers } from '../../../../src/sandbox/balancer/balancer-process.ts';
import type { BalancerConfiguration } from '../../../../src/sandbox/balancer/configuration.ts';
import { AwsError, operation, type ServiceFactory } from '../../../../src/sandbox/contract.ts';
import type { Replication } from '../../../../src/sandbox/databases/database.ts';
import type { Machinery } from '../../../../src/sandbox/instances/machinery.ts';
import { createAutoScalingService } from '../../../../src/sandbox/services/autoscaling/service.ts';
import { createCloudFormationService } from '../../../../src/sandbox/services/cloudformation/operations.ts';
import { createDynamoDbService } from '../../../../src/sandbox/services/dynamodb/service.ts';
import { createEc2Service } from '../../../../src/sandbox/services/ec2/service.ts';
import { createElasticLoadBalancingService } from '../../../../src/sandbox/services/elasticloadbalancing/service.ts';
import { createEventsService } from '../../../../src/sandbox/services/events/operations.ts';
import { createIamService } from '../../../../src/sandbox/services/iam/service.ts';
import { createKmsService } from '../../../../src/sandbox/services/kms/service.ts';
import { createLambdaService } from '../../../../src/sandbox/services/lambda/operations.ts';
import { createLogsService } from '../../../../src/sandbox/services/logs/operations.ts';
import { createMonitoringService } from '../../../../src/sandbox/services/monitoring/operations.ts';
import { createRdsService } from '../../../../src/sandbox/services/rds/service.ts';
import { createRoute53Service } from '../../../../src/sandbox/services/route53/operations.ts';
import { createS3Service } from '../../../../src/sandbox/services/s3/service.ts';
import { createSchedulerService } from '../../../../src/sandbox/services/scheduler/operations.ts';
import { createSecretsManagerService } from '../../../../src/sandbox/services/secretsmanager/service.ts';
import { createSnsService } from '../../../../src/sandbox/services/sns/operations.ts';
import { createSqsService } from '../../../../src/sandbox/services/sqs/service.ts';
import { createSsmService } from '../../../../src/sandbox/services/ssm/service.ts';
import { createStatesService } from '../../../../src/sandbox/services/states/service.ts';
import { createStsService } from '../../../../src/sandbox/services/sts/service.ts';
import type { Story, World } from '../../../support/story.ts';
import { type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';
import { zip } from '../../functions/zip.ts';
import { fakeRunner } from '../../services/lambda/fake-runner.ts';
import { idleDatabases } from '../../services/rds/idle-databases.ts';

export const here = 'us-east-1';
export const there = 'us-west-2';
export const image = 'ami-00000000000000001';
export const account = '111122223333';
export const role = `arn:aws:iam::${account}:role/all`;
export const seconds = 1000;
export const minutes = 60 * seconds;

interface Outside {
  /** What functions were told, in order. */
  readonly told: unknown[];
  /** By resource id: what a database's files say it follows. */
  readonly follows: Record<string, Replication>;
}

export interface WholeWorld extends World {
  readonly sandbox: TestSandbox;
  readonly outside: Outside;
  readonly call: <Output = Record<string, unknown>>(
    service: string,
    operation: string,
    input?: object,
    region?: string,
  ) => Promise<Output>;
}

/** What a function does when it is told something, after it was noted. */
export type Handler = (event: unknown, world: WholeWorld) => unknown;

export interface Options {
  readonly regions?: readonly string[];
  readonly handler?: Handler;
  /** Until when (AWS time) SQS takes no message. */
  readonly queuesDownUntil?: number;
}

export const began = Date.UTC(2026, 10, 23, 12);

/** The `world` of a story. */
export const wholeWorld =
  ({
    regions = [here, there],
    handler = () => null,
    queuesDownUntil = 0,
  }: Options = {}): Story<WholeWorld, never>['world'] =>
  (life, before) => {
    const outside: Outside = (before as Outside | undefined) ?? { told: [], follows: {} };
    const runner = fakeRunner();
    runner.handler = (event) => {
      outside.told.push(event);
      return handler(event, world);
    };
    const machinery: Machinery = { boot: async () => {}, halt: async () => {}, close: async () => {} };
    const sandbox = testSandbox(
      [
        createIamService,
        createStsService,
        createKmsService,
        createSecretsManagerService,
        createLogsService,
        createMonitoringService,
        createEventsService,
        createSchedulerService,
        createSnsService,
        withQueuesDown(queuesDownUntil),
        createSsmService,
        createDynamoDbService,
        createS3Service,
        (core) => createRdsService(core, { databases: databasesOver(outside) }),
        (core) => {
          const folder = join(core.directory, 'app');
          if (!existsSync(folder)) {
            mkdirSync(folder);
            writeFileSync(join(folder, 'server.mjs'), 'export {};\n');
          }
          return createEc2Service(core, {
            images: { [image]: { folder, command: ['node', 'server.mjs'] } },
            machinery,
          });
        },
        (core) => createElasticLoadBalancingService(core, { balancers: balancersThatFindAllHealthy() }),
        createAutoScalingService,
        (core) => createLambdaService(core, runner),
        createStatesService,
        (core) => createRoute53Service(core, { probe: async () => ({ healthy: true, text: 'Success' }) }),
        createCloudFormationService,
      ],
      [...regions],
      life,
    );
    const world: WholeWorld = {
      sandbox,
      outside,
      call: (service, name, input = {}, region = here) => sandbox.call(service, name, input, region),
    };
    return world;
  };

/** The role `all`, which every service may take. */
export async function makeRole({ call }: WholeWorld): Promise<void> {
  const services = ['lambda', 'events', 'scheduler', 'states', 's3', 'cloudformation'];
  await call('iam', 'CreateRole', {
    RoleName: 'all',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: services.map((name) => `${name}.amazonaws.com`) },
        },
      ],
    }),
  });
}

/** A queue that every service may send to. Answers its URL and ARN. */
export async function makeQueue(
  { call }: WholeWorld,
  QueueName: string,
  Attributes: object = {},
  region = here,
): Promise<{ url: string; arn: string }> {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }],
  });
  const { QueueUrl } = await call<{ QueueUrl: string }>(
    'sqs',
    'CreateQueue',
    { QueueName, Attributes: { Policy, ...Attributes } },
    region,
  );
  return { url: QueueUrl, arn: `arn:aws:sqs:${region}:${account}:${QueueName}` };
}

/** The bodies of all messages that can be received now, sorted. They are deleted. */
export async function bodiesIn({ call }: WholeWorld, QueueUrl: string, region = here): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const asked = { QueueUrl, MaxNumberOfMessages: 10 };
    const { Messages = [] } = await call<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(
      'sqs',
      'ReceiveMessage',
      asked,
      region,
    );
    if (Messages.length === 0) return bodies.sort();
    for (const { Body, ReceiptHandle } of Messages) {
      bodies.push(Body);
      await call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle }, region);
    }
  }
}

/** A function that is there once `WholeWorld`'s clock has moved on by two seconds. */
export async function makeFunction(world: WholeWorld, name: string, more: object = {}): Promise<string> {
  await world.call('lambda', 'CreateFunction', {
    FunctionName: name,
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Role: role,
    Code: { ZipFile: zip({ 'index.js': `// ${name}` }) },
    ...more,
  });
  await world.sandbox.clock.advance(2 * seconds);
  return `arn:aws:lambda:${here}:${account}:function:${name}`;
}

function withQueuesDown(until: number): ServiceFactory {
  return (core) => {
    const service = createSqsService(core);
    const send = service.operations.SendMessage;
    if (send === undefined) throw new Error('SQS sends no messages.');
    return {
      ...service,
      operations: {
        ...service.operations,
        SendMessage: operation((input, call) => {
          if (core.clock.now() < until) throw new AwsError('ServiceUnavailable', 'Later.', { status: 503 });
          return send.handle(input, call) as object;
        }),
      },
    };
  };
}

function databasesOver({ follows }: Outside) {
  const databases = idleDatabases();
  return {
    ...databases,
    open(identity: Parameters<typeof databases.open>[0]) {
      const database = databases.open(identity) as ReturnType<typeof databases.open> & { follows?: Replication };
      const { id } = identity;
      Object.defineProperty(database, 'follows', {
        get: () => follows[id],
        set(value: Replication | undefined) {
          if (value === undefined) delete follows[id];
          else follows[id] = value;
        },
      });
      return database;
    },
  };
}

function balancersThatFindAllHealthy(): Balancers {
  const told = new Map<string, BalancerConfiguration>();
  return {
    configure: async (region, configuration) => {
      told.set(region, configuration);
      const arns = configuration.balancers.flatMap((balancer) => balancer.listeners.map((listener) => listener.arn));
      return { ports: Object.fromEntries(arns.map((arn, index) => [arn, 10_000 + index])) };
    },
    health: async (region) =>
      (told.get(region)?.targetGroups ?? []).flatMap((group) =>
        group.targets.map(({ id, port, admitted }) => ({
          targetGroup: group.arn,
          id,
          port,
          state: admitted ? ('healthy' as const) : ('unhealthy' as const),
        })),
      ),
    onLost: () => {},
    close: () => {},
  };
}
