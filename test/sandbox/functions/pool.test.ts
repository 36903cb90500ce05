/** Real host processes: what a handler sees, how it answers, fails, runs out of time and dies with its Region. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServiceFactory } from '../../../src/sandbox/contract.ts';
import { ec2Tables } from '../../../src/sandbox/services/ec2/rows.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { createLambdaService } from '../../../src/sandbox/services/lambda/operations.ts';
import { createLogsService } from '../../../src/sandbox/services/logs/operations.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import { type RealSandbox, realSandbox } from '../../support/real-sandbox.ts';
import { fakeSts } from './fake-sts.ts';
import { zip } from './zip.ts';

const region = 'us-east-1';
let sandbox: RealSandbox;
/** Where nobody listens yet. */
let target: string;
let port: number;

beforeAll(async () => {
  const ec2: ServiceFactory = (core) => createEc2Service(core, { images: {} });
  sandbox = await realSandbox([fakeSts, (core) => createLambdaService(core), createLogsService, createSqsService, ec2]);
  target = sandbox.core.network.allocate(region);
  port = await sandbox.network.freePort(target);
});
afterAll(() => sandbox.stop());

interface Answer {
  StatusCode: number;
  FunctionError?: string;
  LogResult?: string;
  Payload: Uint8Array;
}

const lambda = <Output = Answer>(operation: string, input: object, inRegion = region): Promise<Output> =>
  sandbox.core.invoke<Output>({
    service: 'lambda',
    operation,
    region: inRegion,
    input,
    principal: sandbox.core.as('test'),
  });

const json = ({ Payload }: Answer): unknown => JSON.parse(Buffer.from(Payload).toString());

async function deploy(
  name: string,
  files: Record<string, string>,
  more: object = {},
  inRegion = region,
): Promise<void> {
  const Role = 'arn:aws:iam::111122223333:role/worker';
  const Code = { ZipFile: zip(files) };
  const common = { Runtime: 'nodejs20.x', Handler: 'index.handler', Role };
  await lambda('CreateFunction', { FunctionName: name, Code, ...common, ...more }, inRegion);
  for (;;) {
    const { State } = await lambda<{ State: string }>('GetFunctionConfiguration', { FunctionName: name }, inRegion);
    if (State === 'Active') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const invoke = (name: string, payload: unknown = {}, more: object = {}, inRegion = region): Promise<Answer> =>
  lambda('Invoke', { FunctionName: name, Payload: Buffer.from(JSON.stringify(payload)), ...more }, inRegion);

/** What V8 made of functions' code, by file. */
function compiled(): string[] {
  const folder = join(sandbox.core.directory, 'code-cache');
  return existsSync(folder) ? readdirSync(folder) : [];
}

function endHosts(prefix: string): void {
  for (const machine of sandbox.core.region(region).machines.list())
    if (machine.name.startsWith(prefix)) machine.kill('SIGKILL');
}

describe('a handler', () => {
  test('sees its event, its context and the environment Lambda gives', async () => {
    const code = `
      exports.handler = async (event, context) => ({
        event,
        left: context.getRemainingTimeInMillis(),
        name: context.functionName,
        arn: context.invokedFunctionArn,
        group: context.logGroupName,
        region: process.env.AWS_REGION,
        key: process.env.AWS_ACCESS_KEY_ID,
        endpoint: process.env.AWS_ENDPOINT_URL,
        own: process.env.TABLE,
        now: Date.now(),
      });`;
    await deploy('sees', { 'index.js': code }, { Timeout: 60, Environment: { Variables: { TABLE: 'photos' } } });
    const seen = json(await invoke('sees', { photo: 1 })) as Record<string, unknown>;
    expect(seen).toMatchObject({
      event: { photo: 1 },
      name: 'sees',
      arn: 'arn:aws:lambda:us-east-1:111122223333:function:sees',
      group: '/aws/lambda/sees',
      region,
      key: 'ASIAworker',
      endpoint: sandbox.core.endpoint(region),
      own: 'photos',
    });
    expect(seen.left).toBeGreaterThan(30_000);
    expect(seen.left).toBeLessThanOrEqual(60_000);
    expect(Math.abs(Number(seen.now) - sandbox.clock.now())).toBeLessThan(5000);
  });

  test('may be an ES module, and may call back', async () => {
    await deploy(
      'esm',
      { 'app/main.mjs': `export const run = async ({ a, b }) => a + b;` },
      { Handler: 'app/main.run' },
    );
    expect(json(await invoke('esm', { a: 2, b: 3 }))).toBe(5);
    const back = `exports.handler = (event, context, callback) => setTimeout(() => callback(null, 'later'), 5);`;
    await deploy('back', { 'index.js': back });
    expect(json(await invoke('back'))).toBe('later');
  });

  test('may be CommonJS, with what it requires beside it; what V8 made of it is kept for its next host', async () => {
    const index = `
      const { two } = require('./lib/two.js');
      exports.handler = async () => {
        const [, at] = /(parts\\/.*index.js:\\d+)/.exec(new Error('here').stack);
        return { two, at: at.replace(/[0-9a-f]{32}/, 'code'), own: 'PILOT_LIGHT_CODE_CACHE' in process.env };
      };`;
    const before = compiled().length;
    await deploy('parts', { 'index.js': index, 'lib/two.js': 'exports.two = 2;' }, { Timeout: 3 });
    const answer = { two: 2, at: 'parts/code/index.js:4', own: false };
    expect(json(await invoke('parts'))).toEqual(answer);
    expect(compiled()).toHaveLength(before + 1);
    endHosts('fn-parts-');
    // A host that is gone is noticed by the next invocation at the latest.
    await expect.poll(async () => json(await invoke('parts'))).toEqual(answer);
    expect(compiled()).toHaveLength(before + 1);
  });

  test('may import in the middle', async () => {
    const index = "exports.handler = async () => (await import('./lib/three.mjs')).three;";
    await deploy('imports', { 'index.js': index, 'lib/three.mjs': 'export const three = 3;' });
    expect(json(await invoke('imports'))).toBe(3);
  });

  test('loads though what was kept of it is of no use', async () => {
    const before = new Set(compiled());
    await deploy('torn', { 'index.js': "exports.handler = async () => 'whole';" });
    expect(json(await invoke('torn'))).toBe('whole');
    const [file = ''] = compiled().filter((name) => !before.has(name));
    writeFileSync(join(sandbox.core.directory, 'code-cache', file), 'torn');
    endHosts('fn-torn-');
    await expect.poll(async () => json(await invoke('torn'))).toBe('whole');
    expect(readFileSync(join(sandbox.core.directory, 'code-cache', file), 'utf8')).not.toBe('torn');
  });

  test('keeps what its module remembers while its host is warm, and loses it with new code', async () => {
    const code = (step: number): string => `let n = 0; exports.handler = async () => (n += ${step});`;
    await deploy('warm', { 'index.js': code(1) });
    expect([json(await invoke('warm')), json(await invoke('warm'))]).toEqual([1, 2]);
    await lambda('UpdateFunctionCode', { FunctionName: 'warm', ZipFile: zip({ 'index.js': code(10) }) });
    expect(json(await invoke('warm'))).toBe(10);
  });
});

describe('a failing handler', () => {
  test('that throws answers the error as Lambda does, and its host lives on', async () => {
    const code = `let n = 0; exports.handler = async () => { n++; class Bad extends Error { name = 'Bad' } throw new Bad('no ' + n); };`;
    await deploy('throws', { 'index.js': code });
    const first = await invoke('throws');
    expect(first).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(json(first)).toMatchObject({
      errorType: 'Bad',
      errorMessage: 'no 1',
      trace: expect.arrayContaining(['Bad: no 1']),
    });
    expect(json(await invoke('throws'))).toMatchObject({ errorMessage: 'no 2' });
  });

  test('that never ends is killed at its timeout, which is AWS time', async () => {
    await deploy(
      'hangs',
      { 'index.js': `exports.handler = () => new Promise(() => setInterval(() => {}, 1000));` },
      { Timeout: 20 },
    );
    const began = sandbox.clock.now();
    const answer = await invoke('hangs');
    expect(sandbox.clock.now() - began).toBeGreaterThanOrEqual(20_000);
    expect(answer.FunctionError).toBe('Unhandled');
    expect(json(answer)).toMatchObject({ errorMessage: expect.stringMatching(/Task timed out after 20.00 seconds$/) });
    await expect
      .poll(
        () =>
          sandbox.core
            .region(region)
            .machines.list()
            .filter(({ name }) => name.startsWith('fn-hangs')).length,
      )
      .toBe(0);
  });

  test('that ends its process, and one that can not be loaded, say so', async () => {
    await deploy('exits', {
      'index.js': `exports.handler = async () => { console.log('last words'); process.exit(3); };`,
    });
    const exited = await invoke('exits', {}, { LogType: 'Tail' });
    expect(json(exited)).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Runtime exited with error: exit status 3$/),
    });
    expect(Buffer.from(exited.LogResult ?? '', 'base64').toString()).toContain('last words');
    await deploy('missing', { 'other.js': '' });
    expect(json(await invoke('missing'))).toMatchObject({ errorType: 'Runtime.ImportModuleError' });
    await deploy('unnamed', { 'index.js': 'exports.other = 1;' });
    expect(json(await invoke('unnamed'))).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
  });
});

describe('a function that is killed in the middle', () => {
  const killed = { kind: 'killed-function', region, function: 'slow', milliseconds: 2000, share: 1 } as const;
  const code = `
    let before = 0;
    exports.handler = ({ seconds }) => {
      before++;
      console.log('begun');
      return new Promise((resolve) => setTimeout(() => resolve(before), 1000 * seconds));
    };`;

  test('answers what Lambda does, after its work was begun; shorter ones and other functions are let be', async () => {
    await deploy('slow', { 'index.js': code }, { Timeout: 300 });
    await deploy('other', { 'index.js': code }, { Timeout: 300 });
    const fault = await sandbox.board.raise(killed);
    const began = sandbox.clock.now();
    const answer = await invoke('slow', { seconds: 100 }, { LogType: 'Tail' });
    expect(sandbox.clock.now() - began).toBeGreaterThanOrEqual(2000);
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(json(answer)).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(
        /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: signal: killed$/,
      ),
    });
    expect(Buffer.from(answer.LogResult ?? '', 'base64').toString()).toContain('begun');
    expect(json(await invoke('slow', { seconds: 0 }))).toBe(1);
    expect(json(await invoke('other', { seconds: 4 }))).toBe(1);
    await sandbox.board.lift(fault.id);
    expect(json(await invoke('slow', { seconds: 4 }))).toBe(2);
  });

  test('is let be in between where it is to be killed every other time only', async () => {
    await deploy('turns', { 'index.js': code }, { Timeout: 300 });
    const fault = await sandbox.board.raise({ ...killed, function: 'turns', milliseconds: 500, every: 2 });
    const answers: unknown[] = [];
    for (let invocation = 0; invocation < 4; invocation++)
      answers.push((await invoke('turns', { seconds: 2 })).FunctionError);
    expect(answers).toEqual(['Unhandled', undefined, 'Unhandled', undefined]);
    await sandbox.board.lift(fault.id);
  });

  test('is invoked again where the invocation was asynchronous', async () => {
    const file = join(sandbox.core.directory, 'begun');
    const writing = `
      exports.handler = () => {
        require('node:fs').appendFileSync(${JSON.stringify(file)}, 'begun ');
        return new Promise((resolve) => setTimeout(resolve, 60_000));
      };`;
    await deploy('again', { 'index.js': writing }, { Timeout: 300 });
    await sandbox.board.raise({ ...killed, function: 'again' });
    await invoke('again', {}, { InvocationType: 'Event' });
    const begun = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
    // One minute of AWS time later, at ten times real time.
    await expect.poll(begun, { timeout: 15_000 }).toBe('begun begun ');
  });

  test('gets its message again from a queue, until it has dealt with it', async () => {
    const sqs = <Output>(operation: string, input: object): Promise<Output> =>
      sandbox.core.invoke<Output>({ service: 'sqs', operation, region, input, principal: sandbox.core.as('test') });
    const { QueueUrl } = await sqs<{ QueueUrl: string }>('CreateQueue', {
      QueueName: 'work',
      Attributes: { VisibilityTimeout: '30' },
    });
    const file = join(sandbox.core.directory, 'received');
    const taking = `
      exports.handler = async ({ Records: [record] }) => {
        const note = record.body + ' ' + record.attributes.ApproximateReceiveCount + ';';
        require('node:fs').appendFileSync(${JSON.stringify(file)}, note);
        await new Promise((resolve) => setTimeout(resolve, 10_000));
      };`;
    await deploy('takes', { 'index.js': taking }, { Timeout: 20 });
    const fault = await sandbox.board.raise({ ...killed, function: 'takes' });
    const EventSourceArn = `arn:aws:sqs:${region}:${sandbox.core.account}:work`;
    await lambda('CreateEventSourceMapping', { FunctionName: 'takes', EventSourceArn });
    await sqs('SendMessage', { QueueUrl, MessageBody: 'photo' });
    const received = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
    await expect.poll(received, { timeout: 15_000 }).toBe('photo 1;photo 2;');
    await sandbox.board.lift(fault.id);
    const left = async () => {
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
      const { Attributes } = await sqs<{ Attributes: object }>('GetQueueAttributes', { QueueUrl, AttributeNames });
      return Object.values(Attributes).join();
    };
    await expect.poll(left, { timeout: 15_000 }).toBe('0,0');
    expect(received()).toMatch(/^photo 1;photo 2;photo 3;/);
  }, 40_000);

  test('is known to be there before the fault is raised', async () => {
    await expect(sandbox.board.raise({ ...killed, function: 'nobody' })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/isn't in us-east-1.*Given: nobody.*Allowed: .*slow/),
    });
    await expect(sandbox.board.raise({ ...killed, region: 'us-west-2' })).rejects.toThrow(
      /no function is deployed in us-west-2/,
    );
    await expect(
      sandbox.board.raise({ kind: 'lost-task', region, function: 'nobody', share: 1 }),
    ).rejects.toMatchObject({ kind: 'usage' });
  });
});

test('what a handler logs is in the tail and in CloudWatch Logs, between START and REPORT', async () => {
  await deploy('logs', {
    'index.js': `exports.handler = async () => { console.warn('careful\\nnow'); process.stdout.write('raw\\n'); };`,
  });
  const answer = await invoke('logs', {}, { LogType: 'Tail' });
  const tail = Buffer.from(answer.LogResult ?? '', 'base64').toString();
  expect(tail).toMatch(/^START RequestId: .*\n.*\tWARN\tcareful\rnow\nraw\nEND RequestId: .*\nREPORT .*Init Duration/);
  const read = async (): Promise<{ events: { message: string }[] }> =>
    sandbox.core.invoke({
      service: 'logs',
      operation: 'FilterLogEvents',
      region,
      input: { logGroupName: '/aws/lambda/logs' },
      principal: sandbox.core.as('test'),
    });
  const messages = async (): Promise<string[]> => (await read()).events.map(({ message }) => message);
  await expect
    .poll(messages)
    .toEqual([
      expect.stringMatching(/^START /),
      expect.stringMatching(/careful\nnow$/),
      'raw',
      expect.stringMatching(/^END /),
      expect.stringMatching(/^REPORT /),
    ]);
});

test('the pool keeps twenty hosts, ending the idle one used longest ago', async () => {
  const names = Array.from({ length: 22 }, (_, index) => `crowd-${index}`);
  for (const name of names) {
    await deploy(name, { 'index.js': `exports.handler = async () => process.pid;` });
    await invoke(name);
  }
  const hosts = (): string[] =>
    sandbox.core
      .region(region)
      .machines.list()
      .map(({ name }) => name);
  await expect.poll(() => hosts().length).toBe(20);
  expect(hosts().some((name) => name.startsWith('fn-crowd-21-'))).toBe(true);
  expect(hosts().some((name) => name.startsWith('fn-crowd-0-'))).toBe(false);
});

test('a Region that goes dark answers nothing, and runs its functions anew when it is back', async () => {
  const west = 'us-west-2';
  await deploy(
    'dies',
    {
      'index.js': `let n = 0; exports.handler = async ({ wait }) => { if (wait) await new Promise(() => setInterval(() => {}, 50)); return ++n; };`,
    },
    { Timeout: 900 },
    west,
  );
  expect(json(await invoke('dies', {}, {}, west))).toBe(1);
  let settled = false;
  const inFlight = invoke('dies', { wait: true }, {}, west);
  inFlight.then(
    () => (settled = true),
    () => (settled = true),
  );
  await expect.poll(() => sandbox.core.region(west).machines.list().length).toBe(1);
  await sandbox.faults.goDark(west);
  expect(sandbox.core.region(west).machines.list()).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(settled).toBe(false);
  await sandbox.faults.bringBack(west);
  expect(json(await invoke('dies', {}, {}, west))).toBe(1);
  expect(settled).toBe(false);
});

test('a Region that goes dark while a host starts holds nothing up', async () => {
  const west = 'us-west-2';
  await deploy('starts', { 'index.js': 'exports.handler = async () => 1;' }, {}, west);
  let settled = false;
  invoke('starts', {}, {}, west).then(
    () => (settled = true),
    () => (settled = true),
  );
  await new Promise((resolve) => setTimeout(resolve, 15));
  await sandbox.faults.goDark(west);
  const before = sandbox.clock.now();
  await expect.poll(() => sandbox.clock.now() - before).toBeGreaterThan(1000);
  expect(sandbox.clock.speed).toBeGreaterThan(0);
  await sandbox.faults.bringBack(west);
  expect(json(await invoke('starts', {}, {}, west))).toBe(1);
  expect(settled).toBe(false);
});

test('a function of a VPC calls from an interface in its subnet, which is gone with its host', async () => {
  const ec2 = <Output>(operation: string, input: object): Promise<Output> =>
    sandbox.core.invoke<Output>({ service: 'ec2', operation, region, input, principal: sandbox.core.as('test') });
  const { Vpc } = await ec2<{ Vpc: { VpcId: string } }>('CreateVpc', { CidrBlock: '10.0.0.0/16' });
  const { VpcId } = Vpc;
  const made = await ec2<{ Subnet: { SubnetId: string } }>('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' });
  const group = await ec2<{ GroupId: string }>('CreateSecurityGroup', { VpcId, GroupName: 'f', Description: 'f' });
  const VpcConfig = { SubnetIds: [made.Subnet.SubnetId], SecurityGroupIds: [group.GroupId] };
  const seen = new Promise<string | undefined>((resolve) => {
    const listener = createServer((socket) => {
      resolve(socket.remoteAddress);
      socket.end();
      listener.close();
    });
    listener.listen(port, target);
  });
  const code = `exports.handler = ({ host, port }) => new Promise((resolve) => require('node:net').connect(port, host).on('close', resolve));`;
  await deploy('inside', { 'index.js': code }, { VpcConfig, Timeout: 60 });
  await invoke('inside', { host: target, port });
  const from = await seen;
  const [row] = ec2Tables(sandbox.core, region)
    .interfaces.values()
    .filter(({ kind }) => kind === 'function');
  expect(row).toMatchObject({ address: from, subnetId: made.Subnet.SubnetId, groupIds: [group.GroupId] });
  await lambda('DeleteFunction', { FunctionName: 'inside' });
  expect(
    ec2Tables(sandbox.core, region)
      .interfaces.values()
      .filter(({ kind }) => kind === 'function'),
  ).toEqual([]);
});

test('code lies in a folder of the sandbox, one for each content', async () => {
  const { Code } = await lambda<{ Code: { Location: string } }>('GetFunction', { FunctionName: 'sees' });
  expect(Code.Location).toMatch(/\/us-east-1\/functions\/sees\/[0-9a-f]{32}\.zip$/);
  expect(existsSync(new URL(Code.Location))).toBe(true);
});
