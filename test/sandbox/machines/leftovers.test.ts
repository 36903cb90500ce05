import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { sharedMemoryFiles } from '../../../src/sandbox/clock/faketime.ts';
import { bootId, processFacts } from '../../../src/sandbox/machines/processes.ts';
import { folderMark, listRuns, saveRun, sweepLeftovers } from '../../../src/sandbox/machines/runs.ts';

interface Holder {
  readonly process: ChildProcess;
  readonly id: string;
  readonly directory: string;
  readonly pids: readonly number[];
}

const children: ChildProcess[] = [];

async function holder(): Promise<Holder> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('./holder.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { process: child, ...(JSON.parse(line) as Omit<Holder, 'process'>) };
}

const alive = (pids: readonly number[]) => pids.filter((pid) => processFacts(pid)?.dead === false);

async function noneOf(pids: readonly number[]): Promise<void> {
  for (let look = 0; alive(pids).length > 0 && look < 300; look++) await sleep(10);
  expect(alive(pids)).toEqual([]);
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('a sandbox that is killed', () => {
  it('leaves no machine process, no grandchild and none that left its group', async () => {
    const { process: child, pids } = await holder();
    expect(alive(pids)).toHaveLength(10);
    child.kill('SIGKILL');
    await noneOf(pids);
  });

  it('leaves nothing even when its wardens are killed with it, once the next command has swept', async () => {
    const { process: child, pids, id, directory } = await holder();
    const wardens =
      listRuns()
        .find((run) => run.id === id)
        ?.groups.map((group) => group.id) ?? [];
    // One for each Region, and one for what stands outside.
    expect(wardens).toHaveLength(3);
    child.kill('SIGSTOP');
    for (const pid of wardens) process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(alive(pids).length).toBeGreaterThan(0);
    expect(existsSync(directory)).toBe(true);

    expect(sweepLeftovers()).toContain(id);
    await noneOf(pids);
    expect(existsSync(directory)).toBe(false);
    expect(sharedMemoryFiles(id).filter((file) => existsSync(file))).toEqual([]);
    expect(listRuns().map((run) => run.id)).not.toContain(id);
  });

  it('in the middle of clearing away leaves a folder that the next command still knows for its own', async () => {
    const { process: child, id, directory } = await holder();
    const many = join(directory, 'us-east-1', 'many');
    mkdirSync(many);
    for (let file = 0; file < 20_000; file += 1) writeFileSync(join(many, String(file)), '');
    child.kill('SIGTERM');
    while (existsSync(many) && readdirSync(many).length === 20_000) await sleep(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(many), 'it was quicker than the kill').toBe(true);

    expect(sweepLeftovers()).toContain(id);
    expect(existsSync(directory)).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('cleans up by itself after %s', async (name) => {
    const { process: child, pids, id, directory } = await holder();
    child.kill(name);
    const [code, ended] = (await once(child, 'exit')) as [number | null, string | null];
    expect({ code, ended }).toEqual({ code: null, ended: name });
    await noneOf(pids);
    expect(existsSync(directory)).toBe(false);
    expect(sharedMemoryFiles(id).filter((file) => existsSync(file))).toEqual([]);
    expect(listRuns().map((run) => run.id)).not.toContain(id);
  });
});

describe('sweeping', () => {
  it('leaves a running sandbox alone', async () => {
    const { pids, id, directory } = await holder();
    expect(sweepLeftovers()).not.toContain(id);
    expect(alive(pids)).toHaveLength(10);
    expect(existsSync(directory)).toBe(true);
  });

  it('kills no process that only has the id of one that is gone, and removes no folder that is not a sandbox', () => {
    const bystander = spawn('sleep', ['100'], { detached: true, stdio: 'ignore' });
    const folder = mkdtempSync(join(tmpdir(), 'somebody-elses-'));
    mkdirSync(join(folder, 'work'));
    writeFileSync(join(folder, folderMark), 'another id');
    try {
      const pid = bystander.pid ?? 0;
      const started = processFacts(pid)?.started ?? 0;
      saveRun({
        id: 'test000000',
        boot: bootId(),
        pid,
        started: started + 1,
        directory: folder,
        groups: [{ region: 'us-east-1', id: pid, started: started - 1 }],
      });
      expect(sweepLeftovers()).toContain('test000000');
      expect(alive([pid])).toEqual([pid]);
      expect(readdirSync(folder)).toContain('work');
    } finally {
      bystander.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});
