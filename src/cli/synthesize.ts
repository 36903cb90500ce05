/** Synthesizes a workload's CDK app as the CDK CLI would: runs the command of its `cdk.json`, and finds the assembly in the folder it was given. */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { terminalError, usageError } from '../kernel/errors.ts';

/** @returns the assembly's folder, `outdir` itself. */
export async function synthesize(baseDirectory: string, outdir: string): Promise<string> {
  const file = join(baseDirectory, 'cdk.json');
  if (!existsSync(file))
    throw usageError('There is no cdk.json beside the config file.', {
      given: baseDirectory,
      next: 'Put the CDK app there.',
    });
  const { app } = JSON.parse(readFileSync(file, 'utf8')) as { app?: string };
  if (app === undefined) throw usageError('cdk.json names no app.', { given: file });
  const { code, output } = await run(app, baseDirectory, {
    CDK_OUTDIR: outdir,
    CDK_DISABLE_STACK_TRACE: '1',
    CDK_VALIDATION: 'false',
  });
  if (code !== 0 || !existsSync(join(outdir, 'manifest.json'))) {
    throw terminalError(`The CDK app didn't synthesize (${app}):\n${output.trim()}`, {
      next: 'Run `npx cdk synth` in its folder to see more.',
    });
  }
  return outdir;
}

function run(
  command: string,
  cwd: string,
  environment: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      cwd,
      shell: true,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
