/** A sandbox with a state directory goes on where it was: time, ids, endpoints, credentials, rows and objects. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDynamoDbService } from '../../../src/sandbox/services/dynamodb/service.ts';
import { createS3Service } from '../../../src/sandbox/services/s3/service.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import { createSsmService } from '../../../src/sandbox/services/ssm/service.ts';
import { type RealSandbox, realSandbox } from '../../support/real-sandbox.ts';

const here = 'us-east-1';

const directory = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'kept');
};
const start = (state: string, options: Parameters<typeof realSandbox>[1] = {}): Promise<RealSandbox> =>
  realSandbox([createDynamoDbService, createSsmService, createSqsService, createS3Service], { state, ...options });
const call = <Output = Record<string, unknown>>(
  sandbox: RealSandbox,
  service: 'dynamodb' | 'ssm' | 'sqs' | 's3',
  operation: string,
  input: unknown,
): Promise<Output> =>
  sandbox.core.invoke<Output>({ service, operation, region: here, input, principal: sandbox.core.as('test') });

describe('a kept sandbox', () => {
  test('answers reads as before', async () => {
    const state = directory();
    const first = await start(state);
    await call(first, 'ssm', 'PutParameter', { Name: '/a', Value: 'one', Type: 'String' });
    await call(first, 'ssm', 'PutParameter', { Name: '/a', Value: 'two', Type: 'String', Overwrite: true });
    const queue = await call<{ QueueUrl: string }>(first, 'sqs', 'CreateQueue', { QueueName: 'jobs' });
    await call(first, 'sqs', 'SendMessage', { QueueUrl: queue.QueueUrl, MessageBody: 'first' });
    await call(first, 'sqs', 'SendMessage', { QueueUrl: queue.QueueUrl, MessageBody: 'second' });
    await call(first, 's3', 'CreateBucket', { Bucket: 'photos' });
    await call(first, 's3', 'PutObject', { Bucket: 'photos', Key: 'a.txt', Body: Buffer.from('hello') });
    await call(first, 'dynamodb', 'CreateTable', {
      TableName: 'items',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    await new Promise<void>((resolve) => first.core.region(here).clock.after(60_000, resolve));
    const item = { id: { S: 'one' }, bytes: { B: new Uint8Array([0, 255, 10]) }, set: { SS: ['a', 'b'] } };
    await call(first, 'dynamodb', 'PutItem', { TableName: 'items', Item: item });
    const listed = await call<{ Versions: unknown[] }>(first, 's3', 'ListObjectVersions', { Bucket: 'photos' });
    const time = first.clock.now();
    await first.stop();

    await using second = await start(state);
    expect(second.clock.now()).toBeGreaterThanOrEqual(time);
    expect(second.clock.now()).toBeLessThan(time + 60_000);
    const history = await call<{ Parameters: { Value: string }[] }>(second, 'ssm', 'GetParameterHistory', {
      Name: '/a',
    });
    expect(history.Parameters.map(({ Value }) => Value)).toEqual(['one', 'two']);
    const got = await call<{ Item: { bytes: { B: Uint8Array } } }>(second, 'dynamodb', 'GetItem', {
      TableName: 'items',
      Key: { id: { S: 'one' } },
    });
    expect({ ...got.Item, bytes: { B: new Uint8Array(got.Item.bytes.B) } }).toEqual(item);
    const { Body } = await call<{ Body: AsyncIterable<Uint8Array> }>(second, 's3', 'GetObject', {
      Bucket: 'photos',
      Key: 'a.txt',
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of Body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('hello');
    expect(await call(second, 's3', 'ListObjectVersions', { Bucket: 'photos' })).toMatchObject({
      Versions: listed.Versions,
    });
    const bodies: string[] = [];
    for (let round = 0; round < 2; round++) {
      const { Messages = [] } = await call<{ Messages?: { Body: string }[] }>(second, 'sqs', 'ReceiveMessage', {
        QueueUrl: queue.QueueUrl,
      });
      bodies.push(...Messages.map((message) => message.Body));
    }
    expect(bodies).toEqual(['first', 'second']);
  });

  test('has the endpoints it had, and never the ids it had, though it is seeded', async () => {
    const state = directory();
    const ids = new Set<string>();
    const draw = ({ core }: RealSandbox): void => {
      for (let count = 0; count < 2_000; count++) ids.add(core.ids.hex(12));
    };
    const first = await start(state);
    const endpoints = [first.core.endpoint('outside'), first.core.endpoint(here)];
    draw(first);
    await first.stop();
    const second = await start(state);
    draw(second);
    expect([second.core.endpoint('outside'), second.core.endpoint(here)]).toEqual(endpoints);
    await second.stop();
    await using third = await start(state);
    draw(third);
    expect(ids.size).toBe(6_000);
  });

  test('leaves nothing but its directory, which holds no socket, and may be moved', async () => {
    const state = directory();
    const first = await start(state);
    const { scratch } = first.core;
    await call(first, 's3', 'CreateBucket', { Bucket: 'photos' });
    await call(first, 's3', 'PutObject', { Bucket: 'photos', Key: 'a.txt', Body: Buffer.from('hello') });
    await first.stop();
    expect(existsSync(scratch)).toBe(false);
    const everything = readdirSync(state, { recursive: true, withFileTypes: true });
    expect(everything.filter((entry) => entry.isSocket())).toEqual([]);
    renameSync(state, `${state}-moved`);
    await using second = await start(`${state}-moved`);
    expect(await call(second, 's3', 'HeadObject', { Bucket: 'photos', Key: 'a.txt' })).toMatchObject({
      ContentLength: 5,
    });
  });

  test('keeps a dark Region dark and a cut link cut', async () => {
    const state = directory();
    const first = await start(state);
    await first.board.raise({ kind: 'dark', region: 'us-west-2' });
    first.faults.partition(here, 'outside');
    await first.stop();
    await using second = await start(state);
    expect(second.core.region('us-west-2').dark).toBe(true);
    expect(second.network.reachable(here, 'us-west-2')).toBe(false);
    expect(second.network.reachable(here, 'outside')).toBe(false);
    const [fault] = second.board.list();
    expect(fault?.spec).toEqual({ kind: 'dark', region: 'us-west-2' });
    await second.board.lift(fault?.id ?? '');
    expect(second.core.region('us-west-2').dark).toBe(false);
    const ticked = new Promise<void>((resolve) => second.core.region('us-west-2').clock.after(1000, resolve));
    await ticked;
  });
});

describe('a state directory', () => {
  test('whose first sandbox was killed before it had written anything is begun anew', async () => {
    const state = directory();
    mkdirSync(state, { recursive: true });
    writeFileSync(join(state, 'state.json.next'), '{"form');
    await (await start(state)).stop();
    await using again = await start(state);
    expect(again.core.regions).toContain(here);
  });

  test('that can not be made says so, and what to do', async () => {
    await expect(start('/dev/null/kept')).rejects.toThrow(/can't be used: ENOTDIR.*give another one/);
  });

  test('is looked at without anything in it moving on', async () => {
    const state = directory();
    const first = await start(state);
    await call(first, 'sqs', 'CreateQueue', { QueueName: 'jobs' });
    await first.stop();
    const looking = await start(state, { look: true });
    let moved = false;
    looking.core.region(here).clock.after(1, () => {
      moved = true;
    });
    await new Promise<void>((resolve) => looking.clock.after(2_000, resolve));
    expect(moved).toBe(false);
    expect(await call(looking, 'sqs', 'ListQueues', {})).toMatchObject({
      QueueUrls: [expect.stringContaining('jobs')],
    });
    await looking.stop();
    await expect(start(directory(), { look: true })).rejects.toThrow(/No sandbox was kept there/);
  });

  test('is taken by one sandbox at a time, and the second is told by whom', async () => {
    const state = directory();
    await using _holder = await start(state);
    await expect(start(state)).rejects.toThrow(`held by process ${process.pid}`);
  });

  test('of another version, of another sandbox, or of something else is refused and left as it is', async () => {
    const state = directory();
    await (await start(state)).stop();
    await expect(start(state, { regions: ['eu-west-1'] })).rejects.toThrow(/us-east-1, us-west-2/);
    await expect(start(state, { account: '999999999999' })).rejects.toThrow(/111122223333/);
    const stamp = join(state, 'state.json');
    writeFileSync(stamp, readFileSync(stamp, 'utf8').replace('"version":1', '"version":2'));
    await expect(start(state)).rejects.toThrow(/version 2/);
    expect(readFileSync(stamp, 'utf8')).toContain('"version":2');

    writeFileSync(stamp, '{"format":"pilot-li');
    await expect(start(state)).rejects.toThrow(/damaged/);

    const other = directory();
    writeFileSync(join(state, '..', 'thesis.txt'), 'years of work');
    await expect(start(join(state, '..'))).rejects.toThrow(/something else than a sandbox/);
    expect(existsSync(other)).toBe(false);
  });
});
