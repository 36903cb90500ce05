/** A script of this folder in a process of its own: it prints one JSON object when it is ready, and ends with its stdin. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Child<Told> {
  readonly pid: number;
  readonly told: Told;
  readonly stop: () => Promise<void>;
}

/** Rejects, with the end of its stderr, when it ends without a word. */
export async function child<Told>(script: string, args: readonly string[]): Promise<Child<Told>> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const started = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(started, 'exit');
  let complaints = '';
  started.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  for await (const line of createInterface({ input: started.stdout })) {
    return {
      pid: started.pid ?? 0,
      told: JSON.parse(line) as Told,
      async stop() {
        started.stdin.end();
        await ended;
      },
    };
  }
  throw new Error(`${script} ended before it was ready: ${complaints.trim().slice(-2000)}`);
}
