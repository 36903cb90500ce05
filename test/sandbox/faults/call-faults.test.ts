/** Faults of calls as real clients meet them over the wire: their classes, their retries, who meets them, and the end of them. */

import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListFunctionsCommand, ResourceConflictException } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, ListQueuesCommand, QueueDoesNotExist, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Place } from '../../../src/sandbox/contract.ts';
import { outside } from '../../../src/sandbox/contract.ts';
import { type FaultSpec, faultSchema } from '../../../src/sandbox/faults/specs.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { createKmsService } from '../../../src/sandbox/services/kms/service.ts';
import { createLambdaService } from '../../../src/sandbox/services/lambda/operations.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import { createSsmService } from '../../../src/sandbox/services/ssm/service.ts';
import { type WiredSandbox, wiredSandbox } from '../../support/wired-sandbox.ts';

let world: WiredSandbox;

beforeAll(async () => {
  world = await wiredSandbox([
    createSqsService,
    createSsmService,
    createKmsService,
    (core) => createLambdaService(core),
    (core) => createEc2Service(core, { images: {} }),
  ]);
  await ssm().send(new PutParameterCommand({ Name: '/photos/colour', Value: 'blue', Type: 'String' }));
}, 30_000);
afterAll(() => world[Symbol.asyncDispose]());
afterEach(async () => {
  for (const { id } of world.sandbox.board.list()) await world.sandbox.board.lift(id);
});

const raise = (spec: Record<string, unknown>) => world.sandbox.board.raise(faultSchema.parse(spec) as FaultSpec);
const at = (place: Place, region = 'us-east-1') => ({
  endpoint: world.sandbox.core.endpoint(place),
  region,
  credentials: world.credentials,
});
const ssm = (place: Place = outside, region = 'us-east-1', more: object = {}) =>
  new SSMClient({ ...at(place, region), ...more });
const read = new GetParameterCommand({ Name: '/photos/colour' });
const failure = (promise: Promise<unknown>): Promise<unknown> => promise.catch((thrown: unknown) => thrown);

describe('throttle', () => {
  test('a client tries three times, gives up with the service’s own error, and goes on once it is lifted', async () => {
    const fault = await raise({ kind: 'throttle', service: 'ssm', region: 'us-east-1' });
    expect(await failure(ssm().send(read))).toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400, attempts: 3 },
    });
    await world.sandbox.board.lift(fault.id);
    expect((await ssm().send(read)).$metadata.attempts).toBe(1);
  });

  test('what it isn’t about goes on: another operation, another service, another Region', async () => {
    await raise({ kind: 'throttle', service: 'ssm', operation: 'PutParameter', region: 'us-east-1' });
    expect((await ssm().send(read)).$metadata.attempts).toBe(1);
    expect((await new SQSClient(at(outside)).send(new ListQueuesCommand({}))).$metadata.attempts).toBe(1);
    const elsewhere = new PutParameterCommand({
      Name: '/photos/colour',
      Value: 'red',
      Type: 'String',
      Overwrite: true,
    });
    expect((await ssm(outside, 'us-west-2').send(elsewhere)).$metadata.attempts).toBe(1);
  });

  test('a key that a service asks for in somebody’s name is not refused to whoever waits for the service', async () => {
    const { core } = world.sandbox;
    const ask = (calledVia: readonly string[]) =>
      core.invoke({
        service: 'kms',
        operation: 'ListKeys',
        region: 'us-east-1',
        input: {},
        principal: { kind: 'root', account: core.account, arn: `arn:aws:iam::${core.account}:root` },
        calledVia,
      });
    await raise({ kind: 'throttle', region: 'us-east-1' });
    await expect(ask([])).rejects.toMatchObject({ code: 'ThrottlingException' });
    await expect(ask(['ec2'])).resolves.toHaveProperty('Keys');
  });

  test('it is one-sided: callers in one place are throttled, those elsewhere are not', async () => {
    await raise({ kind: 'throttle', service: 'ssm', from: 'us-west-2' });
    expect(await failure(ssm('us-west-2').send(read))).toMatchObject({ name: 'ThrottlingException' });
    expect((await ssm('us-east-1').send(read)).Parameter?.Value).toBe('blue');
    expect((await ssm(outside).send(read)).Parameter?.Value).toBe('blue');
  });

  test('of a share of calls, the others pass', async () => {
    await raise({ kind: 'throttle', service: 'sqs', share: 0.5 });
    const client = new SQSClient({ ...at(outside), maxAttempts: 1 });
    const answers = await Promise.all(
      Array.from({ length: 60 }, () =>
        client.send(new ListQueuesCommand({})).then(
          () => 'answered',
          (error: Error) => error.name,
        ),
      ),
    );
    const throttled = answers.filter((one) => one === 'RequestThrottled').length;
    expect(throttled).toBeGreaterThan(10);
    expect(throttled).toBeLessThan(50);
    expect(answers.filter((one) => one === 'answered')).toHaveLength(60 - throttled);
  });
});

describe('api-error', () => {
  test('by default an internal failure, in each service’s words, which a client tries again', async () => {
    await raise({ kind: 'api-error' });
    expect(await failure(ssm().send(read))).toMatchObject({
      name: 'InternalFailure',
      $metadata: { httpStatusCode: 500, attempts: 3 },
    });
    expect(await failure(new EC2Client(at(outside)).send(new DescribeVpcsCommand({})))).toMatchObject({
      name: 'InternalError',
      $metadata: { httpStatusCode: 500, attempts: 3 },
    });
  });

  test('a code of the service arrives as its class with its own status, and isn’t tried again where AWS says it’s final', async () => {
    await raise({ kind: 'api-error', service: 'ssm', code: 'ParameterNotFound' });
    await raise({ kind: 'api-error', service: 'sqs', code: 'QueueDoesNotExist' });
    await raise({ kind: 'api-error', service: 'lambda', code: 'ResourceConflictException' });
    const notFound = await failure(ssm().send(read));
    expect(notFound).toBeInstanceOf(ParameterNotFound);
    expect(notFound).toMatchObject({ $metadata: { httpStatusCode: 400, attempts: 1 } });
    expect(await failure(new SQSClient(at(outside)).send(new ListQueuesCommand({})))).toBeInstanceOf(QueueDoesNotExist);
    const conflict = await failure(
      world
        .clients('us-east-1')
        .lambda()
        .then((client) => client.send(new ListFunctionsCommand({}))),
    );
    expect(conflict).toBeInstanceOf(ResourceConflictException);
    expect(conflict).toMatchObject({ $metadata: { httpStatusCode: 409, attempts: 1 } });
  });

  test('a failed call isn’t performed', async () => {
    const fault = await raise({
      kind: 'api-error',
      service: 'sqs',
      operation: 'CreateQueue',
      status: 503,
      code: 'Busy',
    });
    const client = new SQSClient({ ...at(outside), maxAttempts: 1 });
    expect(await failure(client.send(new CreateQueueCommand({ QueueName: 'uploads' })))).toMatchObject({
      name: 'Busy',
      $metadata: { httpStatusCode: 503 },
    });
    await world.sandbox.board.lift(fault.id);
    expect((await client.send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
  });
});

describe('slow-api', () => {
  test('a patient client gets its answer after that much AWS time', async () => {
    await raise({ kind: 'slow-api', service: 'ssm', milliseconds: 4000 });
    const began = world.sandbox.clock.now();
    expect((await ssm().send(read)).Parameter?.Value).toBe('blue');
    expect(world.sandbox.clock.now() - began).toBeGreaterThanOrEqual(4000);
  });

  test('an impatient one times out and tries again, as with a slow AWS', async () => {
    await raise({ kind: 'slow-api', service: 'ssm', milliseconds: 600_000 });
    const requestHandler = { requestTimeout: 100, throwOnRequestTimeout: true };
    expect(await failure(ssm(outside, 'us-east-1', { requestHandler }).send(read))).toMatchObject({
      name: 'TimeoutError',
      $metadata: { attempts: 3 },
    });
  });
});
