/** The machines of one Region: a warden process and its group, which live and die together. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Machine, MachineSpec } from '../contract.ts';
import { groupMembers, markedProcesses, processFacts, signal } from './processes.ts';

export interface GroupOptions {
  /** Goes into every process's environment: what a process that left the group is still known by. */
  readonly mark: { readonly name: string; readonly value: string };
  readonly logs: string;
}

type Exit = { readonly code: number | null; readonly signal: string | null };
type Report = { readonly id: number; readonly pid?: number; readonly error?: string; readonly exit?: Exit };

interface Running {
  readonly spec: MachineSpec;
  readonly started: { resolve(machine: Machine): void; reject(error: Error): void };
  machine: Machine | undefined;
  exit: ((exit: Exit) => void) | undefined;
  alive: boolean;
}

const wardenScript = fileURLToPath(new URL('./warden.mjs', import.meta.url));
/** A killed process is gone within milliseconds; one stuck in the kernel longer than this is a fault to be told. */
const longestDeath = 10_000;

export class MachineGroup {
  readonly #warden: ChildProcess;
  readonly #options: GroupOptions;
  readonly #machines = new Map<number, Running>();
  readonly #gone: Promise<void>;
  #next = 0;
  #over = false;

  constructor(options: GroupOptions) {
    this.#options = options;
    mkdirSync(options.logs, { recursive: true, mode: 0o700 });
    const { name, value } = options.mark;
    this.#warden = spawn(process.execPath, ['--max-old-space-size=64', wardenScript, `${name}=${value}`], {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { [name]: value },
    });
    if (this.#warden.pid === undefined) throw new Error('The process that leads a Region could not be started.');
    this.#warden.stdin?.on('error', () => {});
    if (this.#warden.stdout !== null) {
      createInterface({ input: this.#warden.stdout }).on('line', (line) => this.#hear(JSON.parse(line) as Report));
    }
    this.#gone = new Promise((resolve) => {
      this.#warden.once('close', () => {
        // Without its warden a group has no way to die with the sandbox.
        this.kill();
        this.#bury();
        resolve();
      });
    });
  }

  /** The id of the group, which is its warden's process id. */
  get id(): number {
    return this.#warden.pid ?? 0;
  }

  get started(): number {
    return processFacts(this.id)?.started ?? 0;
  }

  spawn(spec: MachineSpec): Promise<Machine> {
    if (this.#over) return Promise.reject(new Error(`${spec.name} can't start: its Region is dark.`));
    if ([...this.#machines.values()].some((running) => running.spec.name === spec.name)) {
      return Promise.reject(new Error(`A machine named ${spec.name} is running already.`));
    }
    const id = this.#next++;
    const { name, value } = this.#options.mark;
    const request = {
      op: 'spawn',
      id,
      command: spec.command,
      args: spec.args,
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', ...spec.env, [name]: value },
      cwd: spec.cwd,
      log: this.#logOf(spec.name),
    };
    return new Promise((resolve, reject) => {
      this.#machines.set(id, {
        spec,
        started: { resolve, reject },
        machine: undefined,
        exit: undefined,
        alive: true,
      });
      this.#tell(request);
    });
  }

  list(): readonly Machine[] {
    return [...this.#machines.values()].flatMap(({ machine }) => (machine === undefined ? [] : [machine]));
  }

  /** Kills every process at once, the warden included, and whoever left the group. Doesn't wait. */
  kill(): void {
    this.#over = true;
    signal(-this.id, 'SIGKILL');
    for (const pid of markedProcesses(`${this.#options.mark.name}=${this.#options.mark.value}`)) signal(pid, 'SIGKILL');
  }

  /** Kills every process and settles when none is left. */
  async end(): Promise<void> {
    this.kill();
    await this.#gone;
    const deadline = performance.now() + longestDeath;
    for (;;) {
      const left = this.#left();
      if (left.length === 0) return;
      if (performance.now() > deadline) throw new Error(`Processes that don't die: ${left.join(', ')}.`);
      this.kill();
      await sleep(2);
    }
  }

  #left(): number[] {
    const { name, value } = this.#options.mark;
    return [...new Set([...groupMembers(this.id), ...markedProcesses(`${name}=${value}`)])];
  }

  #hear(report: Report): void {
    const running = this.#machines.get(report.id);
    if (running === undefined) return;
    if (report.pid !== undefined) this.#begin(report.id, running, report.pid);
    else if (report.exit !== undefined) this.#finish(report.id, report.exit);
    else {
      this.#machines.delete(report.id);
      running.started.reject(
        new Error(`${running.spec.name} did not start: ${report.error ?? 'unknown'} (${running.spec.command}).`),
      );
    }
  }

  #begin(id: number, running: Running, pid: number): void {
    const exited = new Promise<Exit>((resolve) => {
      running.exit = resolve;
    });
    running.machine = {
      name: running.spec.name,
      pid,
      exited,
      log: this.#logOf(running.spec.name),
      get alive() {
        return running.alive;
      },
      kill: (name = 'SIGTERM') => {
        if (this.#machines.has(id)) this.#tell({ op: 'kill', pid, signal: name });
      },
    };
    running.started.resolve(running.machine);
  }

  #finish(id: number, exit: Exit): void {
    const running = this.#machines.get(id);
    if (running === undefined) return;
    this.#machines.delete(id);
    running.alive = false;
    running.exit?.(exit);
  }

  /** Everything died with the group. */
  #bury(): void {
    for (const [id, running] of this.#machines) {
      if (running.machine !== undefined) this.#finish(id, { code: null, signal: 'SIGKILL' });
      else {
        this.#machines.delete(id);
        running.started.reject(new Error(`${running.spec.name} did not start: its Region went dark.`));
      }
    }
  }

  #tell(request: object): void {
    this.#warden.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  #logOf(name: string): string {
    return join(this.#options.logs, `${name}.log`);
  }
}
