/** Machines and addresses without a sandbox around them: plain child processes, for tests of the database machine alone. */

import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Machine, RegionMachines } from '../../../src/sandbox/contract.ts';

export interface Ground {
  readonly directory: string;
  readonly machines: RegionMachines;
  readonly network: { allocate(): string; release(): void };
  /** Kills every process, as an outage does. */
  outage(): Promise<void>;
  close(): Promise<void>;
}

export function ground(): Ground {
  const directory = mkdtempSync(join(tmpdir(), 'pilot-light-db-'));
  const running = new Map<number, Machine>();
  let addresses = 0;
  const block = (process.pid % 200) + 20;

  const machines: RegionMachines = {
    list: () => [...running.values()],
    spawnNode: () => Promise.reject(new Error('not here')),
    async spawn({ name, command, args, env }) {
      const log = join(directory, `${name}.log`);
      const output = openSync(log, 'a');
      const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', output, output] });
      const pid = child.pid ?? 0;
      let alive = true;
      const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
        child.on('exit', (code, signal) => {
          alive = false;
          running.delete(pid);
          resolve({ code, signal });
        });
      });
      const machine: Machine = {
        name,
        pid,
        exited,
        log,
        get alive() {
          return alive;
        },
        kill: (signal = 'SIGKILL') => void child.kill(signal),
      };
      running.set(pid, machine);
      return machine;
    },
  };

  const outage = async (): Promise<void> => {
    const all = [...running.values()];
    for (const machine of all) machine.kill('SIGKILL');
    await Promise.all(all.map((machine) => machine.exited));
  };
  return {
    directory,
    machines,
    network: { allocate: () => `127.${block}.77.${++addresses}`, release: () => {} },
    outage,
    async close() {
      await outage();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
