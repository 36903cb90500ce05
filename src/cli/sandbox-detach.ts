/** `pilot-light sandbox up --detach`: starts `sandbox up` in a session of its own and returns once it is really up, or says why it isn't. */

import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { terminalError } from '../kernel/errors.ts';
import { interruption } from './interruption.ts';
import { type UpReport, upText } from './sandbox-up.ts';

/** Real milliseconds between looks at what it says while it starts. */
const between = 100;

export async function sandboxUpDetached({ json = false }: { readonly json?: boolean }): Promise<number> {
  const interrupted = interruption();
  const said = unnamedFile();
  const { execPath, execArgv, argv } = process;
  const child = spawn(
    execPath,
    [...execArgv, '--', ...argv.slice(1).filter((word) => word !== '--detach'), '--in-background'],
    {
      detached: true,
      stdio: ['ignore', said.descriptor, said.descriptor, 'ipc'],
    },
  );
  // Its words so far, while somebody is there to read them.
  const relay = setInterval(() => process.stderr.write(said.more()), between);
  try {
    const outcome = await new Promise<UpReport | { readonly code: number }>((resolve, reject) => {
      child.once('message', (report) => resolve(report as UpReport));
      child.once('error', (error) => reject(terminalError(`The sandbox couldn't be started: ${error.message}.`)));
      child.once('exit', (code) => resolve({ code: code ?? 1 }));
      // It ends in order, and its end is waited for.
      void interrupted.raised.then(({ signal }) => child.kill(signal));
    });
    process.stderr.write(said.more());
    if ('code' in outcome) return outcome.code;
    child.disconnect();
    child.unref();
    process.stdout.write(`${json ? JSON.stringify(outcome) : upText(outcome, false)}\n`);
    return 0;
  } finally {
    clearInterval(relay);
    said.close();
    interrupted.close();
  }
}

/**
 * What a background process writes must go somewhere for as long as it lives: a pipe would break when this process ends. A file without
 * a name goes with the last of both.
 */
function unnamedFile() {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-up-'));
  const descriptor = openSync(join(folder, 'said'), 'a+', 0o600);
  rmSync(folder, { recursive: true, force: true });
  let at = 0;
  return {
    descriptor,
    more(): string {
      const buffer = Buffer.alloc(1 << 16);
      const length = readSync(descriptor, buffer, 0, buffer.length, at);
      at += length;
      return buffer.toString('utf8', 0, length);
    },
    close: () => closeSync(descriptor),
  };
}
