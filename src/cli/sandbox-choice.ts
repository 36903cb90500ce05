/** Which sandbox a command is about: the one that runs, the one that is named, or what was kept of one that is gone. */

import { resolve } from 'node:path';
import { usageError } from '../kernel/errors.ts';
import type { Respondent } from '../sandbox/control/protocol.ts';
import type { Run } from '../sandbox/machines/runs.ts';

export interface SandboxChoice {
  /** An id, or what it begins with. */
  readonly sandbox?: string;
  /** A folder that was kept of a sandbox; one that runs on it answers itself. */
  readonly state?: string;
}

export interface ChosenSandbox extends Respondent {
  /** Whether it runs. What was kept doesn't. */
  alive(): boolean;
  /** Of what was kept: since when nothing has changed in it, ISO 8601. */
  readonly keptAt?: string;
}

export async function chosenSandbox({ sandbox, state }: SandboxChoice): Promise<ChosenSandbox> {
  const { runningSandbox } = await import('../sandbox/control/client.ts');
  const { isRunning } = await import('../sandbox/machines/runs.ts');
  if (state !== undefined) {
    if (sandbox !== undefined)
      throw usageError('A kept folder and a running sandbox are both given.', {
        next: 'Leave --state or --sandbox out.',
      });
    const holder = await runOn(resolve(state));
    if (holder !== undefined) return { ...runningSandbox(holder), alive: () => isRunning(holder) };
    const { keptAt, keptSandbox } = await import('../sandbox/control/kept.ts');
    return { ...keptSandbox(resolve(state)), alive: () => false, keptAt: keptAt(resolve(state)) };
  }
  const run = await chosenRun(sandbox);
  return { ...runningSandbox(run), alive: () => isRunning(run) };
}

/** The sandbox that runs on a state directory. */
async function runOn(folder: string): Promise<Run | undefined> {
  const { holderOf } = await import('../sandbox/state/state-directory.ts');
  const { isRunning, listRuns } = await import('../sandbox/machines/runs.ts');
  const holder = holderOf(folder);
  return holder === undefined ? undefined : listRuns().find((run) => run.id === holder.id && isRunning(run));
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
