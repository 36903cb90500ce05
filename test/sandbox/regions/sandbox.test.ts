import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GatewayStarter, GatewaySurroundings } from '../../../src/sandbox/gateway-seam.ts';
import { markedProcesses } from '../../../src/sandbox/machines/processes.ts';
import { listRuns, markName } from '../../../src/sandbox/machines/runs.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { realSandbox } from '../../support/real-sandbox.ts';

const options = { regions: ['us-east-1'], speed: 10, timing: 'p50', factories: [], signals: false } as const;

describe('a sandbox', () => {
  it('leaves nothing behind when it is stopped', async () => {
    const sandbox = await realSandbox([]);
    const { id } = sandbox;
    const { directory } = sandbox.core;
    await sandbox.core.region('us-east-1').machines.spawn({ name: 'x', command: 'sleep', args: ['100'], env: {} });
    expect(listRuns().map((run) => run.id)).toContain(id);
    expect(markedProcesses(`${markName}=${id}/us-east-1`)).toHaveLength(2);
    await sandbox.stop();
    expect(existsSync(directory)).toBe(false);
    expect(listRuns().map((run) => run.id)).not.toContain(id);
    expect(markedProcesses(`${markName}=${id}/us-east-1`)).toEqual([]);
    await expect(sandbox.stop()).resolves.toBeUndefined();
  });

  it('tells each place where its API endpoint is, and the gateway where to listen', async () => {
    let surroundings: GatewaySurroundings | undefined;
    const gateway: GatewayStarter = async (given) => {
      surroundings = given;
      const servers = given.listeners.map(({ place, address, port }) =>
        createServer((_, response) => response.end(place)).listen(port, address),
      );
      return { close: async () => void servers.map((server) => server.close()) };
    };
    const sandbox = await realSandbox([], { gateway });
    for (const place of ['outside', 'us-east-1', 'us-west-2']) {
      const answer = await fetch(sandbox.core.endpoint(place));
      expect(await answer.text()).toBe(place);
    }
    expect(surroundings?.listeners.map(({ address }) => sandbox.network.placeOf(address))).toEqual([
      'outside',
      'us-east-1',
      'us-west-2',
    ]);
    expect(() => sandbox.core.endpoint('mars')).toThrow('No such Region: mars');
    await sandbox.stop();
    await expect(fetch(sandbox.core.endpoint('outside'))).rejects.toThrow('fetch failed');
  });

  it('stops what it has started when it cannot start', async () => {
    const failing = startSandbox({ ...options, gateway: () => Promise.reject(new Error('no gateway today')) });
    await expect(failing).rejects.toThrow('no gateway today');
    expect(listRuns().filter(({ pid }) => pid === process.pid)).toEqual([]);
  });

  it('refuses bad options before anything is started', async () => {
    await expect(startSandbox({ ...options, regions: [] })).rejects.toThrow('one or more Regions');
    await expect(startSandbox({ ...options, regions: ['a', 'a'] })).rejects.toThrow('named once');
    await expect(startSandbox({ ...options, account: '42' })).rejects.toThrow('twelve digits');
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(startSandbox({ ...options, speed })).rejects.toThrow('out of range');
    }
  });

  it('never takes over a folder that has something in it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'precious-'));
    writeFileSync(join(directory, 'thesis.txt'), 'ten years');
    await expect(startSandbox({ ...options, directory })).rejects.toThrow('is not empty');
    expect(existsSync(join(directory, 'thesis.txt'))).toBe(true);
    rmSync(directory, { recursive: true });
  });

  it('draws the same ids and durations from the same seed', async () => {
    const draw = async () => {
      const sandbox = await realSandbox([], { seed: 7, timing: 'drawn' });
      const drawn = [sandbox.core.ids.uuid(), sandbox.core.ids.hex(8), sandbox.core.random.next()];
      await sandbox.stop();
      return drawn;
    };
    expect(await draw()).toEqual(await draw());
  });
});
