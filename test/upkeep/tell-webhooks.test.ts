/** Webhooks over real HTTP, with their addresses in the sandbox's parameters. */

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Base, baseContext } from '../../src/engines/base.ts';
import { signatureHeaders, signatureOf } from '../../src/engines/notify/webhook.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { createKmsService } from '../../src/sandbox/services/kms/service.ts';
import { createSsmService } from '../../src/sandbox/services/ssm/service.ts';
import { tellWebhooks } from '../../src/upkeep/tell-webhooks.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import { type WiredSandbox, wiredSandbox } from '../support/wired-sandbox.ts';

const workload = parseWorkload({
  name: 'photos',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
  notifications: { webhooks: ['chat', 'pager'] },
});

/** Waits take no time; how long they were is kept. */
const waited: number[] = [];
const clock: Clock = {
  now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
  after(delay, action) {
    waited.push(delay);
    setImmediate(action);
    return { cancel: () => undefined };
  },
};

let wired: WiredSandbox;
let base: Base;
let server: Server;
let root: string;
/** What the receiver answers next; 200 when there is nothing. */
let answers: number[] = [];
let received: { path: string; headers: IncomingMessage['headers']; body: string }[] = [];

beforeAll(async () => {
  wired = await wiredSandbox([createSsmService, createKmsService]);
  base = baseContext({ workload, clock, ids: systemIds, clientsFor: (region) => wired.clients(region) });
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server?.close();
  await wired?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  answers = [];
  received = [];
  waited.length = 0;
  await write('chat/url', `${root}/chat?token=hush`);
  await write('pager/url', `${root}/pager`);
  await base.on('recovery').parameters.remove(`${base.names.webhookPath}chat/key`);
});

const write = (name: string, value: string) =>
  base.on('recovery').parameters.put({ name: `${base.names.webhookPath}${name}`, value, type: 'SecureString' });
const tell = (...messages: string[]) => tellWebhooks(base, 'recovery', messages);

test('every webhook is told, as JSON with a text, unsigned without a key', async () => {
  await tell('dev-photos: run r1 of dev-dr-failover is RUNNING.');
  expect(received.map(({ path }) => path).sort()).toEqual(['/chat?token=hush', '/pager']);
  for (const { body, headers } of received) {
    expect(JSON.parse(body)).toEqual({ text: 'dev-photos: run r1 of dev-dr-failover is RUNNING.' });
    expect(headers['content-type']).toBe('application/json');
    expect(headers).not.toHaveProperty(signatureHeaders.signature);
  }
});

test('with a key, a receiver can tell that the notice is ours and when it was sent', async () => {
  await write('chat/key', 'a key of ours');
  await tell('well');
  const { headers, body } = received.find(({ path }) => path.startsWith('/chat')) ?? {
    headers: {} as IncomingMessage['headers'],
    body: '',
  };
  const time = String(headers[signatureHeaders.time]);
  expect(time).toBe('2026-01-02T03:04:05.000Z');
  expect(headers[signatureHeaders.signature]).toBe(signatureOf('a key of ours', time, body));
  expect(signatureOf('another', time, body)).not.toBe(signatureOf('a key of ours', time, body));
});

test('an alarm is told as a sentence with what to do, its end in a few words, and that it began well not at all', async () => {
  const alarm = { AlarmName: 'dev-photos-replica-lags', AlarmDescription: 'The replica is behind.' };
  await tell(
    JSON.stringify({ ...alarm, OldStateValue: 'INSUFFICIENT_DATA', NewStateValue: 'OK' }),
    JSON.stringify({ ...alarm, OldStateValue: 'OK', NewStateValue: 'ALARM' }),
    JSON.stringify({ ...alarm, OldStateValue: 'ALARM', NewStateValue: 'OK' }),
    // As a rule delivers a sentence, and as others do.
    '"dev-photos: run \\"r1\\" is RUNNING."',
    '{ not JSON',
  );
  const texts = received
    .filter(({ path }) => path === '/pager')
    .map(({ body }) => (JSON.parse(body) as { text: string }).text);
  expect(texts).toEqual([
    'Alarm: dev-photos-replica-lags in us-west-2. The replica is behind.',
    'No longer an alarm: dev-photos-replica-lags in us-west-2.',
    'dev-photos: run "r1" is RUNNING.',
    '{ not JSON',
  ]);
});

test('one that refuses for the moment is tried again, after a while', async () => {
  answers = [503, 429, 503, 200];
  await tell('twice refused');
  expect(received.length).toBeGreaterThanOrEqual(4);
  expect(waited.length).toBeGreaterThan(0);
});

test.each([
  ['one that refuses for good', async () => void answers.push(404, 404), /was not told: it answered 404/],
  ['one whose address is no https address', () => write('chat/url', 'http://chat.example/T0?token=hush'), /https/],
  ['one that cannot be reached', () => write('chat/url', 'http://127.0.0.1:1/?token=hush'), /ECONNREFUSED/],
])('%s is an error that names it, and the other is told all the same', async (_, prepare, says) => {
  await prepare();
  const error = await tell('trouble').then(
    () => undefined,
    (failure: Error) => failure,
  );
  expect(String(error)).toMatch(says);
  expect(String(error)).toMatch(/webhook (chat|pager)/);
  expect(String(error)).not.toMatch(/hush|127\.0\.0\.1/);
  expect(received.map(({ path }) => path)).toContain('/pager');
});

test('one without an address is an error that says where to write it', async () => {
  await base.on('recovery').parameters.remove(`${base.names.webhookPath}chat/url`);
  await expect(tell('nobody hears')).rejects.toMatchObject({
    message: expect.stringMatching(/chat has no address in us-west-2/),
    next: expect.stringContaining('/pilot-light/dev/photos/webhooks/chat/url'),
  });
});
