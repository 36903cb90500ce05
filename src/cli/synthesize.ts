/** Synthesizes a workload's CDK app as the CDK CLI would: runs the command of its `cdk.json`, and finds the assembly in the folder it was given. */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { usageError } from '../kernel/errors.ts';
import { cdkSettings } from './cdk-settings.ts';

/** @returns the assembly's folder, `outdir` itself. When the signal aborts, the app's processes are killed. */
export async function synthesize(baseDirectory: string, outdir: string, signal?: AbortSignal): Promise<string> {
  const { app, context } = cdkSettings(baseDirectory);
  // What the app bundles and caches on the way stays beside its assembly, and goes with it.
  const temporary = join(dirname(outdir), 'synthesis');
  mkdirSync(temporary, { recursive: true });
  const environment = {
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify(context),
    CDK_DISABLE_STACK_TRACE: '1',
    CDK_VALIDATION: 'false',
    TMPDIR: temporary,
  };
  const { code, output } = await run(app, { cwd: baseDirectory, environment, signal });
  signal?.throwIfAborted();
  if (code !== 0 || !existsSync(join(outdir, 'manifest.json'))) {
    throw usageError(`The CDK app didn't synthesize (${app}):\n${output.trim()}\n`, {
      given: baseDirectory,
      next: 'Correct it; `npx cdk synth` in its folder shows more.',
    });
  }
  return outdir;
}

interface RunOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

function run(
  command: string,
  { cwd, environment, signal }: RunOptions,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    // In a group of its own: the shell and what it started end together.
    const child = spawn(command, {
      cwd,
      shell: true,
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    // First of all that happens at exit: what it writes into is removed then.
    process.prependOnceListener('exit', end);
    signal?.addEventListener('abort', end, { once: true });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', end);
      signal?.removeEventListener('abort', end);
      resolve({ code, output });
    });
  });
}
