/**
 * What a sandbox leaves on the machine, and how all of it goes away again: its folder, its shared memory, its process groups and its
 * entry among the runs. Only a state directory stays. `clear` is synchronous so that it also works while the process is exiting.
 */

import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usageError } from '../../kernel/errors.ts';
import { systemIds } from '../../kernel/ids.ts';
import { sharedMemoryFiles } from '../clock/faketime.ts';
import type { SandboxCore } from '../contract.ts';
import type { StateDirectory } from '../state/state-directory.ts';
import type { MachineGroup } from './group.ts';
import { type InsideOptions, insideFile } from './node-machine.ts';
import { bootId, processFacts } from './processes.ts';
import { folderMark, forgetRun, type Run, removeMarked, saveRun } from './runs.ts';

export class Premises {
  readonly id: string = systemIds.hex(12);
  /** For everything that is kept, where anything is. */
  readonly directory: string;
  /** For what lives only as long as this process; short, for a socket's path has to be. */
  readonly scratch: string;
  readonly #state: StateDirectory | undefined;
  readonly #log: number;
  readonly #groups = new Map<string, MachineGroup>();
  readonly #onExit = () => this.clear();
  #cleared = false;

  constructor(directory: string | undefined, state?: StateDirectory) {
    this.#state = state;
    this.scratch = directory === undefined ? mkdtempSync(join(tmpdir(), 'pilot-light-')) : ownedFolder(directory);
    this.directory = state?.files ?? this.scratch;
    writeFileSync(join(this.scratch, folderMark), this.id);
    this.#log = openSync(join(this.directory, 'sandbox.log'), 'a', 0o600);
    this.#save();
    process.once('exit', this.#onExit);
  }

  /** Notes the Region's process group, in place of the one before. */
  addGroup(region: string, group: MachineGroup): void {
    this.#groups.set(region, group);
    this.#save();
  }

  /** Writes down, for whoever starts machines, what puts a program inside. */
  describe(inside: InsideOptions): void {
    writeFileSync(join(this.scratch, insideFile), JSON.stringify(inside));
  }

  log({ service, region, text, error }: Parameters<SandboxCore['log']>[0]): void {
    if (this.#cleared) return;
    const trouble =
      error === undefined ? '' : ` ${error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)}`;
    try {
      writeSync(this.#log, `${new Date().toISOString()} ${region ?? '-'} ${service}: ${text}${trouble}\n`);
    } catch {
      // On a disk that is full a line is lost, and nothing else.
    }
  }

  /** Clears away when a signal ends the process, and lets it end. Answers how to stop listening. */
  clearOnSignals(): () => void {
    const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const onSignal = (name: NodeJS.Signals) => {
      this.clear();
      for (const signal of signals) process.off(signal, onSignal);
      // With nobody else listening, the signal does what it does by default. Others decide for themselves.
      if (process.listenerCount(name) === 0) process.kill(process.pid, name);
    };
    for (const signal of signals) process.on(signal, onSignal);
    return () => {
      for (const signal of signals) process.off(signal, onSignal);
    };
  }

  clear(): void {
    if (this.#cleared) return;
    this.#cleared = true;
    process.off('exit', this.#onExit);
    for (const group of this.#groups.values()) group.kill();
    closeSync(this.#log);
    removeMarked(this.scratch);
    for (const file of sharedMemoryFiles(this.id)) rmSync(file, { force: true });
    forgetRun(this.id);
    this.#state?.release();
  }

  #save(): void {
    const run: Run = {
      id: this.id,
      boot: bootId(),
      pid: process.pid,
      started: processFacts(process.pid)?.started ?? 0,
      directory: this.scratch,
      groups: [...this.#groups].map(([region, group]) => ({ region, id: group.id, started: group.started })),
    };
    saveRun(run);
    this.#state?.hold(run);
  }
}

function ownedFolder(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = readdirSync(directory);
  if (found.length > 0) {
    throw usageError('The folder for the sandbox is not empty, and everything in it would be removed in the end.', {
      given: directory,
      allowed: 'an empty folder, or one that does not exist yet',
    });
  }
  return directory;
}
