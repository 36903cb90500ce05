/** A small run of what `run.ts` does at length: whatever arrives, every service answers it, and refuses by a code. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Connection } from './connection.ts';
import { fuzz } from './fuzz.ts';
import { codeIn, complaint } from './verdict.ts';
import type { FuzzWorld } from './world.ts';
import { startFuzzWorld } from './world.ts';

let world: FuzzWorld;
beforeAll(async () => {
  // The CBOR library complains of impossible lengths on the console.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  world = await startFuzzWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test('fuzzed requests are answered or refused by a code, and leave behind only what was accepted', {
  timeout: 300_000,
}, async () => {
  const { failures, statuses, held, accepted } = await fuzz(world, { seed: 26, from: 0, to: 2500, concurrency: 4 });
  expect(failures).toEqual([]);
  expect(statuses['200']).toBeGreaterThan(100);
  // What a process warms up with is there once; what is refused must not be there at all.
  expect(held).toBeLessThan(120e6 + 10 * accepted);
});

test.each([
  ['nothing that is HTTP', 'hello\r\n\r\n', 400, 'BadRequest'],
  ['headers without an end', `GET / HTTP/1.1\r\nx: ${'y'.repeat(40_000)}`, 431, 'RequestHeaderSectionTooLarge'],
  ['an expectation nobody meets', 'GET / HTTP/1.1\r\nhost: a\r\nexpect: 200-maybe\r\n\r\n', 417, 'ExpectationFailed'],
  ['two lengths', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx', 400, 'BadRequest'],
  ['a body that breaks off', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nx', 403, 'AccessDenied'],
])('%s is refused by a code', async (_what, text, status, code) => {
  const connection = new Connection(world.endpoint);
  const answer = await connection.exchange(Buffer.from(text), 'GET', true, 10_000);
  if (answer === undefined || 'closed' in answer) throw new Error('It was not answered.');
  expect([answer.status, codeIn(answer), complaint('GET', answer, false)]).toEqual([status, code, undefined]);
});

test('a body larger than any is refused before it is read, and takes no memory', async () => {
  const before = process.memoryUsage().rss;
  for (let time = 0; time < 8; time++) {
    const response = await fetch(world.endpoint, { method: 'POST', body: Buffer.alloc(20 * 1024 * 1024) }).catch(
      () => undefined,
    );
    if (response !== undefined) expect(response.status).toBeGreaterThanOrEqual(400);
    await response?.arrayBuffer();
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
});
