/**
 * Which sandboxes run on this machine, in a folder of the system's temporary folder: so that the next command can clear away what a
 * killed one left. A process is only ever killed when both its id and its start time, or its mark, say that it is the one meant.
 */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { usageError } from '../../kernel/errors.ts';
import { sharedMemoryFiles } from '../clock/faketime.ts';
import { bootId, markedProcesses, processFacts, signal } from './processes.ts';

export interface Run {
  readonly id: string;
  readonly boot: string;
  readonly pid: number;
  readonly started: number;
  readonly directory: string;
  readonly groups: readonly { readonly region: string; readonly id: number; readonly started: number }[];
}

/** In every process of a sandbox's environment, with the sandbox's id and the Region: `<id>/<region>`. */
export const markName = 'PILOT_LIGHT_MACHINE_OF';
/** In the sandbox's folder, with its id: a folder without it is never removed. */
export const folderMark = '.pilot-light-sandbox';

/** A killed process is gone within milliseconds; one stuck in the kernel longer than this is a fault to be told. */
const longestDeath = 10_000;

const runsFolder = (): string => join(tmpdir(), `pilot-light-${process.getuid?.() ?? 0}`);

export function saveRun(run: Run): void {
  for (let attempt = 1; ; attempt++) {
    const path = join(ownFolder(), `${run.id}.json`);
    try {
      writeFileSync(`${path}.next`, JSON.stringify(run), { mode: 0o600 });
      renameSync(`${path}.next`, path);
      return;
    } catch (error) {
      // The last of the other sandboxes may have removed the folder in between.
      if (attempt === 5) throw error;
    }
  }
}

export function forgetRun(id: string): void {
  rmSync(join(runsFolder(), `${id}.json`), { force: true });
  try {
    rmdirSync(runsFolder());
  } catch {
    // Others run, or one has just been started.
  }
}

export function listRuns(): Run[] {
  const folder = runsFolder();
  if (!existsSync(folder)) return [];
  ownFolder();
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      try {
        return [JSON.parse(readFileSync(join(folder, name), 'utf8')) as Run];
      } catch {
        return [];
      }
    });
}

export function isRunning(run: Run): boolean {
  const facts = processFacts(run.pid);
  return run.boot === bootId() && facts !== undefined && !facts.dead && facts.started === run.started;
}

/** Kills the processes and removes the files of every sandbox whose own process is gone. Answers their ids. */
export function sweepLeftovers(): string[] {
  return listRuns()
    .filter((run) => !isRunning(run))
    .map((run) => {
      if (run.boot === bootId()) killProcesses(run);
      removeFolder(run);
      for (const file of sharedMemoryFiles(run.id)) rmSync(file, { force: true });
      forgetRun(run.id);
      return run.id;
    });
}

/** Kills what is left of a run's processes and settles when none is. */
export async function endProcesses(run: Run): Promise<void> {
  if (run.boot !== bootId()) return;
  for (const end = performance.now() + longestDeath; ; await sleep(5)) {
    killProcesses(run);
    const left = run.groups.flatMap(({ region }) => markedProcesses(`${markName}=${run.id}/${region}`));
    if (left.length === 0) return;
    if (performance.now() > end) throw new Error(`Processes of a killed sandbox that don't die: ${left.join(', ')}.`);
  }
}

function killProcesses(run: Run): void {
  for (const group of run.groups) {
    if (processFacts(group.id)?.started === group.started) signal(-group.id, 'SIGKILL');
    // Also those whose leader is gone, or that left the group.
    for (const pid of markedProcesses(`${markName}=${run.id}/${group.region}`)) signal(pid, 'SIGKILL');
  }
}

function removeFolder(run: Run): void {
  try {
    if (readFileSync(join(run.directory, folderMark), 'utf8') !== run.id) return;
  } catch {
    return;
  }
  removeMarked(run.directory);
}

/** The mark goes last: whoever is ended in the middle leaves a folder that can still be told to be a sandbox's. */
export function removeMarked(directory: string): void {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) {
    if (name !== folderMark)
      rmSync(join(directory, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}

/** The folder must be ours alone: what stands in it decides what is killed and removed. */
function ownFolder(): string {
  const folder = runsFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(folder);
  if (uid !== (process.getuid?.() ?? 0) || (mode & 0o022) !== 0) {
    throw usageError(`${folder} belongs to another user or can be written by others.`, {
      next: 'Remove it, or set TMPDIR to a folder of your own.',
    });
  }
  return folder;
}
