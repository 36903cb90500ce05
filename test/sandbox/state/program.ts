/** Starts a program of this folder that holds a sandbox, and ends it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Program<Said> {
  /** Its first line. */
  readonly said: Said;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export async function startProgram<Said>(script: string, args: readonly string[]): Promise<Program<Said>> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let trouble = '';
  child.stderr.on('data', (chunk: Buffer) => {
    trouble += chunk.toString();
  });
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => end(child, signal);
  onTestFinished(() => kill());
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([first]) => String(first)),
    once(child, 'exit').then(() => undefined),
  ]);
  if (line === undefined) throw new Error(`${script} ended: ${trouble}`);
  return { said: JSON.parse(line) as Said, kill };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}
