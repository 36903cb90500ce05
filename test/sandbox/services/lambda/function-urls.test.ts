/** Function URLs over real sockets: who gets in, what the function is handed, what comes back, and the dark. */

import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sleep, wallClock } from '../../../../src/kernel/clock.ts';
import { createLambdaService } from '../../../../src/sandbox/services/lambda/operations.ts';
import type { RealSandbox } from '../../../support/real-sandbox.ts';
import { realSandbox } from '../../../support/real-sandbox.ts';
import { fakeSts } from '../../functions/fake-sts.ts';
import { zip } from '../../functions/zip.ts';
import { fakeRunner } from './fake-runner.ts';
import { region, role } from './world.ts';

const runner = fakeRunner();
let sandbox: RealSandbox;
let url: string;

const lambda = <Output = Record<string, unknown>>(operation: string, input: object): Promise<Output> =>
  sandbox.core.invoke<Output>({ service: 'lambda', operation, region, input, principal: sandbox.core.as('test') });

beforeAll(async () => {
  sandbox = await realSandbox([fakeSts, (core) => createLambdaService(core, runner)], { speed: 100 });
  const Code = { ZipFile: zip({ 'index.js': '' }) };
  await lambda('CreateFunction', {
    FunctionName: 'page',
    Role: role,
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Code,
  });
  await sleep(sandbox.clock, 3000);
  url = (await lambda<{ FunctionUrl: string }>('CreateFunctionUrlConfig', { FunctionName: 'page', AuthType: 'NONE' }))
    .FunctionUrl;
});
afterAll(() => sandbox.stop());

const allow = async (StatementId: string, more: object) =>
  lambda('AddPermission', { FunctionName: 'page', StatementId, Principal: '*', ...more });

test('lets nobody in before the function’s policy lets everybody: by URL, and by invoking it that way', async () => {
  const refused = await fetch(url);
  expect([refused.status, refused.headers.get('x-amzn-errortype')]).toEqual([403, 'AccessDeniedException']);
  await expect(allow('no', { Action: 'lambda:InvokeFunction', FunctionUrlAuthType: 'NONE' })).rejects.toThrow(
    'FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action',
  );
  await allow('url', { Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' });
  expect((await fetch(url)).status).toBe(403);
  await allow('invoke', { Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true });
  expect((await fetch(url)).status).toBe(200);
  expect(JSON.parse((await lambda<{ Policy: string }>('GetPolicy', { FunctionName: 'page' })).Policy)).toMatchObject({
    Statement: [
      { Sid: 'url', Principal: '*', Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } } },
      { Sid: 'invoke', Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } } },
    ],
  });
});

test('hands on a request in format 2.0, a form in Base64 and text as it is', async () => {
  runner.handler = () => ({
    statusCode: 201,
    headers: { 'Content-Type': 'text/plain' },
    cookies: ['a=1', 'b=2'],
    body: Buffer.from('grüß').toString('base64'),
    isBase64Encoded: true,
  });
  const sent = await fetch(`${url}some/path?x=1&x=2`, {
    method: 'POST',
    headers: { cookie: 'one=1; two=2' },
    body: new URLSearchParams({ name: 'ann' }),
  });
  expect([sent.status, sent.headers.get('content-type'), sent.headers.getSetCookie(), await sent.text()]).toEqual([
    201,
    'text/plain',
    ['a=1', 'b=2'],
    'grüß',
  ]);
  expect(runner.runs.at(-1)?.event).toMatchObject({
    version: '2.0',
    rawPath: '/some/path',
    rawQueryString: 'x=1&x=2',
    queryStringParameters: { x: '1,2' },
    cookies: ['one=1', 'two=2'],
    body: Buffer.from('name=ann').toString('base64'),
    isBase64Encoded: true,
    requestContext: {
      domainName: expect.stringMatching(/^[0-9a-f]{32}\.lambda-url\.us-east-1\.on\.aws$/),
      http: { method: 'POST', path: '/some/path', sourceIp: '127.0.0.1' },
    },
  });
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' });
  expect(runner.runs.at(-1)?.event).toMatchObject({ body: '{"a":1}', isBase64Encoded: false });
});

test('answers what isn’t a reply as JSON, and what fails as 502', async () => {
  runner.handler = () => ({ hello: 'you' });
  const plain = await fetch(url);
  expect([plain.headers.get('content-type'), await plain.json()]).toEqual(['application/json', { hello: 'you' }]);
  runner.handler = () => {
    throw new Error('no');
  };
  const failed = await fetch(url);
  expect([failed.status, await failed.text()]).toEqual([502, 'Internal Server Error']);
  runner.handler = () => 'back';
});

test('is silent while its Region is dark, and answers when it is back', async () => {
  await sandbox.faults.goDark(region);
  const asked = new Promise<string>((resolve) => {
    const outgoing = request(url, { agent: false }, () => resolve('answered'));
    outgoing.on('error', () => resolve('refused'));
    outgoing.end();
    void sleep(wallClock, 300).then(() => {
      resolve('silent');
      outgoing.destroy();
    });
  });
  expect(await asked).toBe('silent');
  await sandbox.faults.bringBack(region);
  expect(await (await fetch(url)).text()).toBe('back');
});

test('is one of a function, resolves inside the sandbox, and goes with it', async () => {
  await expect(lambda('CreateFunctionUrlConfig', { FunctionName: 'page', AuthType: 'NONE' })).rejects.toMatchObject({
    code: 'ResourceConflictException',
  });
  await expect(lambda('CreateFunctionUrlConfig', { FunctionName: 'none', AuthType: 'NONE' })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
  await expect(lambda('UpdateFunctionUrlConfig', { FunctionName: 'page', AuthType: 'AWS_IAM' })).rejects.toThrow(
    /doesn't support UpdateFunctionUrlConfig with AuthType AWS_IAM/,
  );
  const { FunctionUrlConfigs } = await lambda<{ FunctionUrlConfigs: object[] }>('ListFunctionUrlConfigs', {
    FunctionName: 'page',
  });
  expect(FunctionUrlConfigs).toMatchObject([{ FunctionUrl: url, AuthType: 'NONE', InvokeMode: 'BUFFERED' }]);
  const [last] = runner.runs.slice(-1);
  const { requestContext } = (last?.event ?? {}) as { requestContext?: { domainName: string } };
  const name = requestContext?.domainName ?? '';
  expect(sandbox.network.resolve(name, 'A', region)?.values).toEqual([new URL(url).hostname]);
  await lambda('DeleteFunction', { FunctionName: 'page' });
  await expect(fetch(url)).rejects.toThrow();
  expect(sandbox.network.resolve(name, 'A', region)).toBeUndefined();
});
