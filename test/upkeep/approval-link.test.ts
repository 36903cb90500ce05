/** The link as a person opens it: HTTP to a function URL of the sandbox, its policy, the function's code, the state table. */

import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDynamoDbService } from '../../src/sandbox/services/dynamodb/service.ts';
import { createLambdaService } from '../../src/sandbox/services/lambda/operations.ts';
import { makeRequest, readRequest } from '../../src/state/approvals.ts';
import type { ItemStore } from '../../src/state/items.ts';
import { itemStore } from '../../src/state/items.ts';
import type { UrlEvent } from '../../src/upkeep/approving/answer.ts';
import { answerLink } from '../../src/upkeep/approving/answer.ts';
import { linkTo } from '../../src/upkeep/approving/link.ts';
import { requestOf } from '../plan/worlds.ts';
import { fakeSts } from '../sandbox/functions/fake-sts.ts';
import { zip } from '../sandbox/functions/zip.ts';
import { fakeRunner } from '../sandbox/services/lambda/fake-runner.ts';
import { stateTable } from '../support/state-table.ts';
import type { WiredSandbox } from '../support/wired-sandbox.ts';
import { wiredSandbox } from '../support/wired-sandbox.ts';

const region = 'us-west-2';
const workload = 'dev-photos';
const key = 'f'.repeat(64);
const runner = fakeRunner();
let wired: WiredSandbox;
let store: ItemStore;
let url: string;

beforeAll(async () => {
  wired = await wiredSandbox([fakeSts, createDynamoDbService, (core) => createLambdaService(core, runner)]);
  const { clock } = wired.sandbox;
  const clients = wired.clients(region);
  await stateTable(clients, 'state');
  store = itemStore(clients, 'state', workload, clock);
  runner.handler = (event) => answerLink(event as UrlEvent, { store, clock, key, workload });
  const lambda = await clients.lambda();
  const FunctionName = 'dev-dr-approve';
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: 'arn:aws:iam::111122223333:role/approve',
      Runtime: 'nodejs22.x',
      Handler: 'index.approve',
      Code: { ZipFile: zip({ 'index.js': '' }) },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, minDelay: 1, maxDelay: 1, maxWaitTime: 60 }, { FunctionName });
  url = (await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }))).FunctionUrl ?? '';
  for (const more of [
    { StatementId: 'url', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' as const },
    { StatementId: 'invoke', Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true },
  ])
    await lambda.send(new AddPermissionCommand({ FunctionName, Principal: '*', ...more }));
}, 60_000);
afterAll(() => wired[Symbol.asyncDispose]());

async function asked(id: string, minutes: number) {
  const now = wired.sandbox.clock.now();
  const request = requestOf({
    id,
    since: now - 120_000,
    sentence: 'the primary Region answers nobody <script>alert(1)</script>',
    evidence: [{ observer: 'primary-balancer', verdict: 'failed', at: now, seen: 'no answer' }],
    askedAt: now,
    expiresAt: now + minutes * 60_000,
    state: 'pending',
  });
  await makeRequest(store, request);
  return { request, link: linkTo(url, key, workload, request) };
}
const send = (link: string, decision: string) =>
  fetch(link, { method: 'POST', body: new URLSearchParams({ decision, by: 'Ann Lee', why: '' }), redirect: 'manual' });

test('opening shows, one form decides, and a second is refused', async () => {
  const { link, request } = await asked('r1', 15);
  for (const method of ['GET', 'HEAD']) expect((await fetch(link, { method })).status).toBe(200);
  const page = await fetch(link);
  const html = await page.text();
  expect(html).not.toContain('<script');
  expect(html).toContain('primary-balancer');
  expect(await readRequest(store, 'r1')).toEqual(request);
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-/),
  });
  expect(page.headers.getSetCookie()).toEqual([]);

  const first = await send(link, 'approve');
  expect([first.status, await first.text()]).toEqual([200, expect.stringContaining('begins the failover')]);
  expect(await readRequest(store, 'r1')).toMatchObject({
    state: 'approved',
    answered: { by: 'Ann Lee', how: 'link' },
  });
  const second = await send(link, 'decline');
  expect([second.status, await second.text()]).toEqual([409, expect.stringContaining('approved by Ann Lee (link)')]);
  expect(await readRequest(store, 'r1')).toMatchObject({ state: 'approved' });
});

test('an expired one is gone, one that was changed is forbidden, and one the state knows nothing of is not there', async () => {
  const { link } = await asked('r2', 0);
  expect((await send(link, 'approve')).status).toBe(410);
  expect((await fetch(link)).status).toBe(410);
  expect(await readRequest(store, 'r2')).toMatchObject({ state: 'pending' });
  expect((await send(link.replace('id=r2', 'id=r1'), 'approve')).status).toBe(403);
  expect((await fetch(url)).status).toBe(403);
  const gone = linkTo(url, key, workload, requestOf({ id: 'r9' }));
  expect((await fetch(gone)).status).toBe(404);
});
