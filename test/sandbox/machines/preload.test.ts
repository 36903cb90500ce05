import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/sandbox/contract.ts';
import { type RealSandbox, realSandbox } from '../../support/real-sandbox.ts';

let sandbox: RealSandbox | undefined;
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
});

type Line = { readonly name: string } & Readonly<Record<string, unknown>>;

const program = (name: string) => fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
const linesOf = (machine: Machine): Line[] => {
  const text = readFileSync(machine.log, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
};

async function line(machine: Machine, name: string): Promise<Line> {
  for (let look = 0; look < 2000; look++) {
    const found = linesOf(machine).find((candidate) => candidate.name === name);
    if (found !== undefined) return found;
    if (!machine.alive) break;
    await sleep(10);
  }
  throw new Error(`No line "${name}" in:\n${readFileSync(machine.log, 'utf8')}`);
}

const samples = (machine: Machine) => linesOf(machine).filter(({ name }) => name === 'sample');

describe('a Node program inside', () => {
  it('lives on AWS time, with all its timers and its child processes', async () => {
    sandbox = await realSandbox([], { start: Date.UTC(2030, 0, 1) });
    const { clock } = sandbox;
    const began = clock.now();
    const machine = await sandbox.core
      .region('us-east-1')
      .machines.spawnNode({ name: 'clock', script: program('clock.mjs'), env: {} });

    const now = await line(machine, 'now');
    expect(now.now).toBeGreaterThan(began);
    expect(now.now).toBeLessThan(clock.now());
    expect(Date.parse(String(now.constructed)) - Number(now.now)).toBeLessThan(100);
    expect(new Date(String(now.text)).getUTCFullYear()).toBeGreaterThan(2028);
    expect(now.instance).toBe(true);
    const start = Date.UTC(2026, 0, 1);
    expect(await line(machine, 'fixed')).toMatchObject({ iso: '1970-01-01T00:00:00.000Z', utc: start, parsed: start });

    for (const name of ['timeout', 'promise', 'promisified', 'interval']) {
      const { elapsed } = (await line(machine, name)) as unknown as { elapsed: number[] };
      for (const span of elapsed) {
        expect(span, name).toBeGreaterThanOrEqual(1999);
        // Ten times real time: a hundred milliseconds of a busy machine.
        expect(span, name).toBeLessThan(3000);
      }
    }
    expect(await line(machine, 'ticks')).toMatchObject({ ticks: 2 });
    expect(await line(machine, 'abort')).toMatchObject({ reason: 'TimeoutError' });
    expect(await line(machine, 'context')).toMatchObject({ value: 'mine' });
    const child = await line(machine, 'child');
    expect(Number(child.now) - Number(child.childs)).toBeGreaterThanOrEqual(0);
    expect(Number(child.now) - Number(child.childs)).toBeLessThan(10_000);
    expect(linesOf(machine).some(({ name }) => name === 'cancelled timer fired')).toBe(false);

    await line(machine, 'following');
    for (const speed of [1, 30, 3, 20]) {
      clock.setCeiling(speed);
      await sleep(60);
    }
    const beforeHold = samples(machine).length;
    await clock.hold(() => sleep(150));
    expect(samples(machine).length - beforeHold).toBeLessThan(5);
    for (let look = 0; samples(machine).length < beforeHold + 5 && look < 300; look++) await sleep(10);
    expect(samples(machine).length).toBeGreaterThanOrEqual(beforeHold + 5);
    expect(samples(machine).at(-1)?.back).toBe(0);
    const read = clock.now();
    expect(Math.abs(Number(samples(machine).at(-1)?.now) - read)).toBeLessThan(5000);
  });

  it('resolves names in the sandbox, calls from its own address and serves on it', async () => {
    sandbox = await realSandbox([]);
    const { network } = sandbox;
    const address = network.allocate('us-east-1');
    network.name('web.example.com', ({ type }) => ({ ttl: 5, values: type === 'CNAME' ? ['i-1.internal'] : [] }));
    network.name('i-1.internal', ({ type }) => ({ ttl: 5, values: type === 'A' ? [address] : [] }));
    const machine = await sandbox.core.region('us-east-1').machines.spawnNode({
      name: 'web',
      script: program('network.mjs'),
      args: ['web.example.com'],
      env: {},
      address,
    });
    network.name('big.example.com', ({ type }) => ({
      ttl: 5,
      values: type === 'A' ? Array.from({ length: 100 }, (_, index) => `127.9.9.${index}`) : [],
    }));
    network.name('where.example.com', ({ type, from }) => ({
      ttl: 5,
      values: type === 'A' ? [from === 'us-east-1' ? '127.9.9.1' : '127.9.9.2'] : [],
    }));
    await machine.exited;
    expect(await line(machine, 'listening')).toMatchObject({ on: `${address}:8080` });
    expect(await line(machine, 'lookup')).toMatchObject({
      one: { address, family: 4 },
      all: [{ address, family: 4 }],
      resolved: [address],
    });
    expect(await line(machine, 'literal')).toMatchObject({ one: { address: '127.0.0.1', family: 4 } });
    expect(await line(machine, 'big')).toMatchObject({ addresses: 100 });
    expect(await line(machine, 'where')).toMatchObject({ address: '127.9.9.1' });
    expect(await line(machine, 'missing')).toMatchObject({ code: 'ENOTFOUND' });
    for (const name of ['http', 'fetch', 'by address'])
      expect(await line(machine, name)).toMatchObject({ caller: address });
  });

  it('stands in its Region even when it is given no address', async () => {
    sandbox = await realSandbox([]);
    const { network } = sandbox;
    network.zone('example.com', ({ type, from }) => ({ ttl: 5, values: type === 'TXT' ? [from] : [] }));
    const machine = await sandbox.core.region('us-west-2').machines.spawnNode({
      name: 'nobody',
      script: program('place.mjs'),
      env: {},
    });
    expect(await line(machine, 'place')).toMatchObject({ seen: [['us-west-2']] });
  });
});
