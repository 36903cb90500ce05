/** A sandbox in a process of its own, with the example deployed: started by `bring-up.mjs`, from the compiled product. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Say } from './figures.ts';

export interface DeployedSandbox {
  readonly pid: number;
  /** The sandbox's own, as commands take it. */
  readonly id: string;
  /** Milliseconds from the start of the process to a deployed workload. */
  readonly milliseconds: number;
  /** Milliseconds of each part; `synth` and `up` go on at the same time. */
  readonly parts: Readonly<Record<'synth' | 'up' | 'deploy', number>>;
  readonly stacks: number;
  /** The endpoint for callers inside the recovery Region: no link lies between. */
  readonly insideEndpoint: string;
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

type Line =
  | { readonly done: 'synth' | 'up' | 'deploy'; readonly milliseconds: number }
  | ({ readonly done: 'all' } & Pick<DeployedSandbox, 'id' | 'stacks' | 'insideEndpoint' | 'environment'>);

/** `onStarted` is told the process as soon as there is one. */
export async function deployedSandbox(say: Say, onStarted: (pid: number) => void = () => {}): Promise<DeployedSandbox> {
  const began = performance.now();
  const child = spawn(process.execPath, [fileURLToPath(new URL('./bring-up.mjs', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('The sandbox could not be started.');
  onStarted(pid);
  const ended = once(child, 'exit');
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const parts = { synth: 0, up: 0, deploy: 0 };
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    if (line.done !== 'all') {
      parts[line.done] = line.milliseconds;
      say(`${line.done}: ${(line.milliseconds / 1000).toFixed(1)} s`);
      continue;
    }
    const { id, stacks, insideEndpoint, environment } = line;
    const stop = async () => {
      child.stdin.end();
      await ended;
    };
    return { pid, id, milliseconds: performance.now() - began, parts, stacks, insideEndpoint, environment, stop };
  }
  await ended;
  throw new Error(`The sandbox ended before it was deployed: ${complaints.trim().slice(-2000)}`);
}
