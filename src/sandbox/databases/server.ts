/** One database server process: started until it answers, stopped until it is gone. */

import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Machine, MachineSpec, RegionMachines } from '../contract.ts';

/** Real milliseconds: crash recovery of the databases of a rehearsal takes one second. */
const patience = 60_000;

export class MariaServer {
  readonly #onExit: () => void;
  #machine: Machine | undefined;
  #wanted = false;

  constructor(onExit: () => void) {
    this.#onExit = onExit;
  }

  get running(): boolean {
    return this.#machine?.alive === true;
  }

  async start(machines: RegionMachines, spec: MachineSpec, answers: () => Promise<unknown>): Promise<void> {
    if (this.running) return;
    const machine = await machines.spawn(spec);
    this.#machine = machine;
    this.#wanted = true;
    try {
      await untilAnswering(machine, answers);
    } catch (error) {
      this.#wanted = false;
      machine.kill('SIGKILL');
      throw error;
    }
    void machine.exited.then(() => {
      if (this.#wanted && this.#machine === machine) this.#onExit();
    });
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    const machine = this.#machine;
    if (machine === undefined || !machine.alive) return;
    machine.kill('SIGTERM');
    const late = pause(patience, undefined, { ref: false }).then(() => machine.kill('SIGKILL'));
    await Promise.race([machine.exited, late]);
    await machine.exited;
  }

  async kill(): Promise<void> {
    this.#wanted = false;
    this.#machine?.kill('SIGKILL');
    await this.#machine?.exited;
  }
}

/** Runs a program of a Region to its end; rejects with the end of its output unless it succeeds. */
export async function runToEnd(machines: RegionMachines, spec: MachineSpec): Promise<void> {
  const machine = await machines.spawn(spec);
  const { code, signal } = await machine.exited;
  if (code === 0) return;
  throw new Error(`${spec.name} ended with ${signal ?? `code ${code}`}: ${await tail(machine.log)}`);
}

async function untilAnswering(machine: Machine, answers: () => Promise<unknown>): Promise<void> {
  for (let waited = 0; waited < patience; waited += 10) {
    if (!machine.alive) throw new Error(`${machine.name} didn't start: ${await tail(machine.log)}`);
    const answered = await answers().then(
      () => true,
      () => false,
    );
    if (answered) return;
    await pause(10);
  }
  throw new Error(`${machine.name} doesn't answer: ${await tail(machine.log)}`);
}

async function tail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-8).join('\n');
}
