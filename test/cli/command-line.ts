/** The command line as a process of its own, as it is installed, with a temporary folder of its own: what it leaves behind can be seen. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../bin/pilot-light.mjs', import.meta.url));

export class CommandLine implements Disposable {
  /** Short: databases put sockets in folders below it. */
  readonly temporary: string = mkdtempSync(join(tmpdir(), 'pl-'));

  /** Starts a command. `until` answers once its stdout shows what is looked for, `told` once its stderr does; `ended` when it has ended. */
  start(args: readonly string[]) {
    const child = spawn(process.execPath, ['--', main, ...args], {
      // A CDK app may be started by tsx, whose cache would stand among what the command left.
      env: { ...process.env, TMPDIR: this.temporary, TSX_DISABLE_CACHE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const shownOn = (stream: Readable, text: () => string) => (shown: RegExp) =>
      new Promise<RegExpExecArray>((resolve, reject) => {
        const look = () => {
          const match = shown.exec(text());
          if (match !== null) resolve(match);
        };
        stream.on('data', look);
        void ended.then(() => reject(new Error(`It ended without showing ${shown}: ${stdout}${stderr}`)));
        look();
      });
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    return {
      pid: child.pid ?? 0,
      kill: (signal: NodeJS.Signals) => child.kill(signal),
      until: shownOn(child.stdout, () => stdout),
      told: shownOn(child.stderr, () => stderr),
      ended,
    };
  }

  run(...args: string[]) {
    return this.start(args).ended;
  }

  /** What stands in the temporary folder. */
  leftovers(): string[] {
    return readdirSync(this.temporary);
  }

  [Symbol.dispose](): void {
    rmSync(this.temporary, { recursive: true, force: true });
  }
}

/** Processes that live with this temporary folder in their environment: everything a command has started. */
export function processesOf({ temporary }: CommandLine): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const mine = readFileSync(`/proc/${pid}/environ`, 'latin1').includes(temporary);
        const dead = / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/, ''));
        return mine && !dead ? [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')}`] : [];
      } catch {
        return [];
      }
    });
}
