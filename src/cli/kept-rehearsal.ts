/**
 * What a rehearsal that didn't pass leaves to look into, beside its report: the state directory its sandbox ran on, with what the sandbox
 * could tell in the end. The machines themselves are ended all the same.
 */

import { cp, rename, rm } from 'node:fs/promises';
import { messageOf } from '../kernel/errors.ts';
import type { RehearsalEvent } from '../rehearsal/events.ts';
import type { SandboxTarget } from './sandbox-target.ts';
import { shellWord } from './shell-word.ts';

/** Writes down, beside its state, what the running sandbox can tell of itself: its logs, its status, the timeline. */
export async function tellOf(
  { sandbox }: SandboxTarget,
  state: string,
  timeline: readonly RehearsalEvent[],
): Promise<void> {
  try {
    const { keepSandbox } = await import('../sandbox/control/kept.ts');
    await keepSandbox(sandbox.control, state, { timeline: timeline.map((event) => JSON.stringify(event)) });
  } catch (error) {
    process.stderr.write(`The sandbox's logs couldn't be kept: ${messageOf(error)}\n`);
  }
}

/** Moves the state of a sandbox that has ended to where it stays. Answers whether that worked; if not, it has said why. */
export async function keepState(state: string, folder: string): Promise<boolean> {
  try {
    await rename(state, folder).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error;
      await cp(state, folder, { recursive: true, preserveTimestamps: true, errorOnExist: true, force: false });
    });
    return true;
  } catch (error) {
    // A half of it would only mislead; if it can't be removed either, what is said below is the reason.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    process.stderr.write(`The rehearsal's sandbox couldn't be kept: ${messageOf(error)}\n`);
    return false;
  }
}

/** Tells where it is, and the commands that look into it. */
export function keptText(folder: string, config: string | undefined): string {
  const where = shellWord(folder);
  const workload = config === undefined ? '' : ` --config ${shellWord(config)}`;
  return [
    'Kept: the whole sandbox as it was in the end. To look at its logs, or into its databases and all that AWS held:',
    `  npx pilot-light sandbox logs list --state ${where}`,
    `  npx pilot-light sandbox up --look --state ${where}${workload}`,
    '',
  ].join('\n');
}
