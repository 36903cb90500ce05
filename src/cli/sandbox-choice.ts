/** Which sandbox a command is about: the one that runs, the one that is named, or what was kept of one that is gone. */

import { resolve } from 'node:path';
import { usageError } from '../kernel/errors.ts';
import type { Respondent } from '../sandbox/control/protocol.ts';
import type { Run } from '../sandbox/machines/runs.ts';

export interface SandboxChoice {
  /** An id, or what it begins with. */
  readonly sandbox?: string;
  /** A folder that was kept of a sandbox. */
  readonly state?: string;
}

export interface ChosenSandbox extends Respondent {
  /** Whether it runs. What was kept doesn't. */
  alive(): boolean;
}

export async function chosenSandbox({ sandbox, state }: SandboxChoice): Promise<ChosenSandbox> {
  if (state !== undefined) {
    if (sandbox !== undefined)
      throw usageError('A kept folder and a running sandbox are both given.', {
        next: 'Leave --state or --sandbox out.',
      });
    const { keptSandbox } = await import('../sandbox/control/kept.ts');
    return { ...keptSandbox(resolve(state)), alive: () => false };
  }
  const { runningSandbox } = await import('../sandbox/control/client.ts');
  const { isRunning } = await import('../sandbox/machines/runs.ts');
  const run = await chosenRun(sandbox);
  return { ...runningSandbox(run), alive: () => isRunning(run) };
}

/** @throws a usage error when none runs, none is of that name, or several run and none is named. */
export async function chosenRun(name: string | undefined): Promise<Run> {
  const { isRunning, listRuns, sweepLeftovers } = await import('../sandbox/machines/runs.ts');
  sweepLeftovers();
  const running = listRuns().filter(isRunning);
  const named = name === undefined ? running : running.filter(({ id }) => id === name || id.startsWith(name));
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0) return only;
  if (running.length === 0)
    throw usageError('No sandbox is running.', { next: 'Start one: `pilot-light sandbox up`.' });
  throw usageError(only === undefined ? 'No such sandbox is running.' : 'Several sandboxes are running.', {
    ...(name === undefined ? {} : { given: name }),
    allowed: (await Promise.all(running.map(described))).join(', '),
    next: 'Say which one with --sandbox.',
  });
}

/** `3f2a… (rehearse all, pid 12)`. */
async function described(run: Run): Promise<string> {
  const { runningSandbox } = await import('../sandbox/control/client.ts');
  try {
    const { purpose } = await runningSandbox(run, 1000).ask<'status'>({ ask: 'status' });
    return `${run.id} (${purpose}, pid ${run.pid})`;
  } catch {
    return `${run.id} (starting or hanging, pid ${run.pid})`;
  }
}
