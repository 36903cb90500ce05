/** Functions: their life, their versions, who may invoke them, and how many at once. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { operation } from '../../../../src/sandbox/contract.ts';
import { zip } from '../../functions/zip.ts';
import { type LambdaWorld, lambdaWorld, region, role } from './world.ts';

let world: LambdaWorld;
beforeEach(() => {
  world = lambdaWorld();
});

const parsed = (answer: Record<string, unknown>): unknown =>
  JSON.parse(Buffer.from(answer.Payload as Uint8Array).toString());

describe('a function', () => {
  test('is pending at first, and can not be invoked until it is active', async () => {
    const Code = { ZipFile: zip({ 'index.js': '' }) };
    const input = { FunctionName: 'f', Role: role, Runtime: 'nodejs20.x', Handler: 'index.handler', Code };
    expect(await world.lambda('CreateFunction', input)).toMatchObject({
      State: 'Pending',
      Version: '$LATEST',
      MemorySize: 128,
      Timeout: 3,
    });
    await expect(world.invoke('f')).rejects.toMatchObject({ code: 'ResourceConflictException' });
    await expect(world.lambda('CreateFunction', input)).rejects.toThrow('already exist');
    await world.sandbox.clock.advance(2000);
    expect(await world.lambda('GetFunctionConfiguration', { FunctionName: 'f' })).toMatchObject({ State: 'Active' });
    world.runner.handler = (event) => ({ got: event });
    expect(parsed(await world.invoke('f', { a: 1 }))).toEqual({ got: { a: 1 } });
  });

  test('takes its code from S3, with the caller’s own permissions', async () => {
    const callers: string[] = [];
    world.sandbox.dispatcher.register({
      name: 's3',
      operations: {
        GetObject: operation((_input, call) => {
          callers.push(call.principal.arn);
          return { Body: Readable.from([zip({ 'index.js': 'from s3' })]) };
        }),
      },
    });
    await world.create('f', { Code: { S3Bucket: 'assets', S3Key: 'code.zip' } });
    await world.invoke('f');
    const [run] = world.runner.runs;
    expect(readFileSync(join(run?.image.folder ?? '', 'index.js'), 'utf8')).toBe('from s3');
    expect(callers).toEqual(['test.amazonaws.com']);
  });

  test('refuses another change while one is under way, then runs the new one', async () => {
    await world.create('f');
    await world.lambda('UpdateFunctionConfiguration', { FunctionName: 'f', Environment: { Variables: { A: '1' } } });
    await expect(world.lambda('UpdateFunctionConfiguration', { FunctionName: 'f', Timeout: 9 })).rejects.toThrow(
      'update is in progress',
    );
    await world.sandbox.clock.advance(2000);
    await world.lambda('UpdateFunctionConfiguration', { FunctionName: 'f', Timeout: 9 });
    await world.invoke('f');
    expect(world.runner.runs[0]?.image).toMatchObject({ timeoutSeconds: 9, environment: { A: '1' } });
  });

  test.each([
    ['a runtime it can not run', { Runtime: 'python3.12' }, "can't run python3.12"],
    ['a runtime nobody knows', { Runtime: 'cobol' }, "Value cobol at 'runtime' failed to satisfy constraint"],
    ['layers', { Layers: ['arn:layer'] }, 'Layers'],
    ['images', { PackageType: 'Image' }, 'Image'],
    ['a role Lambda can not assume', { Role: 'arn:aws:iam::111122223333:role/nobody' }, 'cannot be assumed by Lambda'],
    ['reserved names', { Environment: { Variables: { AWS_REGION: 'x' } } }, 'reserved keys'],
    ['what is no archive', { Code: { ZipFile: Buffer.from('nothing of the kind, really') } }, 'Could not unzip'],
  ])('is refused with %s', async (_, more, message) => {
    await expect(world.create('f', more)).rejects.toThrow(message);
    await expect(world.lambda('GetFunction', { FunctionName: 'f' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });

  test('unpacks in a folder where plain JavaScript is CommonJS, whatever lies above', async () => {
    await world.create('f');
    expect(readFileSync(join(world.sandbox.core.directory, region, 'functions/package.json'), 'utf8')).toBe('{}\n');
  });

  test('is found by name, by ARN and by partial ARN, with a qualifier in either place', async () => {
    await world.create('f');
    await world.lambda('PublishVersion', { FunctionName: 'f' });
    await world.lambda('CreateAlias', { FunctionName: 'f', Name: 'live', FunctionVersion: '1' });
    const arn = `arn:aws:lambda:${region}:111122223333:function:f`;
    for (const name of ['f', arn, '111122223333:function:f', 'f:live', `${arn}:1`]) await world.invoke(name);
    await world.invoke('f', {}, { Qualifier: 'live' });
    expect(world.runner.runs.map(({ image }) => image.version)).toEqual([
      '$LATEST',
      '$LATEST',
      '$LATEST',
      '1',
      '1',
      '1',
    ]);
    await expect(world.invoke('f:2')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  test('publishes a version once for each content', async () => {
    await world.create('f');
    expect(await world.lambda('PublishVersion', { FunctionName: 'f' })).toMatchObject({ Version: '1' });
    expect(await world.lambda('PublishVersion', { FunctionName: 'f' })).toMatchObject({ Version: '1' });
    await world.lambda('UpdateFunctionCode', { FunctionName: 'f', ZipFile: zip({ 'index.js': 'new' }) });
    expect(await world.lambda('PublishVersion', { FunctionName: 'f' })).toMatchObject({ Version: '2' });
    const { Versions } = await world.lambda<{ Versions: object[] }>('ListVersionsByFunction', { FunctionName: 'f' });
    expect(Versions).toMatchObject([{ Version: '$LATEST' }, { Version: '1' }, { Version: '2' }]);
  });
});

describe('concurrency', () => {
  test('of zero throttles everything, once it is in effect', async () => {
    await world.create('f');
    await world.lambda('PutFunctionConcurrency', { FunctionName: 'f', ReservedConcurrentExecutions: 0 });
    await world.invoke('f');
    await world.sandbox.clock.advance(1000);
    await expect(world.invoke('f')).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      fields: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
    });
    await world.lambda('DeleteFunctionConcurrency', { FunctionName: 'f' });
    await world.sandbox.clock.advance(1000);
    await world.invoke('f');
    expect(world.runner.runs).toHaveLength(2);
  });

  test('limits how many run at once, and leaves the account its share', async () => {
    await world.create('f');
    await expect(
      world.lambda('PutFunctionConcurrency', { FunctionName: 'f', ReservedConcurrentExecutions: 901 }),
    ).rejects.toThrow('below its minimum value of [100]');
    await world.lambda('PutFunctionConcurrency', { FunctionName: 'f', ReservedConcurrentExecutions: 1 });
    await world.sandbox.clock.advance(1000);
    let finish = (): void => {};
    world.runner.handler = () => new Promise<void>((resolve) => (finish = resolve));
    const first = world.invoke('f');
    await expect(world.invoke('f')).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    finish();
    await first;
    world.runner.handler = () => null;
    await world.invoke('f');
  });
});

describe('a resource policy', () => {
  test('is built of statements, and handed to IAM for the function it is on', async () => {
    await world.create('f');
    const arn = `arn:aws:lambda:${region}:111122223333:function:f`;
    const statement = {
      FunctionName: 'f',
      StatementId: 'rule',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: 'arn:rule',
    };
    await world.lambda('AddPermission', statement);
    await expect(world.lambda('AddPermission', statement)).rejects.toMatchObject({ code: 'ResourceConflictException' });
    const { Policy } = await world.lambda<{ Policy: string }>('GetPolicy', { FunctionName: 'f' });
    expect(JSON.parse(Policy).Statement).toEqual([
      {
        Sid: 'rule',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Resource: arn,
        Condition: { ArnLike: { 'AWS:SourceArn': 'arn:rule' } },
      },
    ]);
    const call = {
      account: '111122223333',
      region,
      from: region,
      principal: world.sandbox.core.as('test'),
      requestId: '1',
    };
    expect(world.sandbox.dispatcher.service('lambda')?.resourcePolicy?.(arn, call)).toBe(Policy);
    await world.lambda('RemovePermission', { FunctionName: 'f', StatementId: 'rule' });
    await expect(world.lambda('GetPolicy', { FunctionName: 'f' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });
});

test('Invoke answers the tail of the log, a dry run, and refuses what is no JSON', async () => {
  await world.create('f');
  const answer = await world.invoke('f', {}, { LogType: 'Tail' });
  expect(Buffer.from(String(answer.LogResult), 'base64').toString()).toMatch(/^START .*\nEND .*\n$/);
  expect(await world.invoke('f', {}, { InvocationType: 'DryRun' })).toEqual({ StatusCode: 204 });
  await expect(world.lambda('Invoke', { FunctionName: 'f', Payload: Buffer.from('{') })).rejects.toMatchObject({
    code: 'InvalidRequestContentException',
  });
});
