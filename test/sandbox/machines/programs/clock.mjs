// @ts-check
/** Prints what a program inside knows of time, as JSON lines. Takes no imports by name that a program wouldn't. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import { setInterval as every, setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const say = (/** @type {object} */ line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const elapsed = async (/** @type {() => Promise<unknown>} */ work) => {
  const from = [Date.now(), performance.now(), process.hrtime.bigint()];
  await work();
  return [
    Date.now() - Number(from[0]),
    performance.now() - Number(from[1]),
    Number(process.hrtime.bigint() - BigInt(from[2] ?? 0)) / 1e6,
  ];
};

say({
  name: 'now',
  now: Date.now(),
  constructed: new Date().toJSON(),
  text: Date(),
  instance: new Date() instanceof Date,
});
say({
  name: 'fixed',
  iso: new Date(0).toISOString(),
  utc: Date.UTC(2026, 0, 1),
  parsed: Date.parse('2026-01-01T00:00:00Z'),
});
say({ name: 'timeout', elapsed: await elapsed(() => new Promise((resolve) => setTimeout(resolve, 2000))) });
say({ name: 'promise', elapsed: await elapsed(() => sleep(2000)) });
say({ name: 'promisified', elapsed: await elapsed(() => promisify(setTimeout)(2000)) });
say({
  name: 'interval',
  elapsed: await elapsed(async () => {
    let left = 4;
    await new Promise((resolve) => {
      const timer = setInterval(() => {
        if (--left > 0) return;
        clearInterval(timer);
        resolve(undefined);
      }, 500);
    });
  }),
});
let ticks = 0;
for await (const value of every(500, 'tick')) if (value === 'tick' && ++ticks === 2) break;
say({ name: 'ticks', ticks });
say({
  name: 'abort',
  reason: await new Promise((resolve) => {
    const signal = AbortSignal.timeout(1000);
    signal.addEventListener('abort', () => resolve(signal.reason.name));
    setTimeout(resolve, 60_000);
  }),
});
const cancelled = setTimeout(() => say({ name: 'cancelled timer fired' }), 100);
clearTimeout(+cancelled);
const storage = new AsyncLocalStorage();
say({
  name: 'context',
  value: await storage.run('mine', () => new Promise((resolve) => setTimeout(() => resolve(storage.getStore()), 10))),
});
const child = await promisify(execFile)(process.execPath, ['-e', 'console.log(Date.now())']);
say({ name: 'child', now: Date.now(), childs: Number(child.stdout) });
say({ name: 'following' });
let last = 0;
let back = 0;
for (let look = 0; ; look++) {
  const now = Date.now();
  if (now < last) back++;
  last = now;
  if (look % 20 === 0) say({ name: 'sample', now, back });
  await sleep(20);
}
