/**
 * A command's own folder for what it makes on the way (assemblies, image bundles), in the system's temporary folder. It goes when it
 * is closed, at the latest when the process exits; what a killed process left is swept by the next command that opens one.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Workspace {
  readonly folder: string;
  close(): void;
}

export function openWorkspace(): Workspace {
  sweepWorkspaces();
  // The owner stands in the name: there is no moment at which the folder exists and nobody knows whose it is.
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-${startOf(process.pid) ?? 0}-`));
  const close = () => {
    process.off('exit', close);
    remove(folder);
  };
  process.once('exit', close);
  return { folder, close };
}

/** Removes this user's workspaces whose process is gone. Answers how many. */
export function sweepWorkspaces(): number {
  return readdirSync(tmpdir())
    .filter((name) => isAbandoned(name))
    .map((name) => remove(join(tmpdir(), name))).length;
}

const prefix = 'pilot-light-work-';

function isAbandoned(name: string): boolean {
  const [, pid, started] = /^pilot-light-work-(\d+)-(\d+)-/.exec(name) ?? [];
  if (pid === undefined || startOf(Number(pid)) === Number(started)) return false;
  try {
    return statSync(join(tmpdir(), name)).uid === process.getuid?.();
  } catch {
    // Swept by another command in between.
    return false;
  }
}

/** When a living process began, in clock ticks since boot: a recycled id is not taken for the old process. */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A dead process that its parent hasn't collected yet is gone.
    return ['Z', 'X'].includes(fields[0] ?? '') ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

/** Synchronous, so that it also works while the process exits; repeated, since a killed child may be writing its last. */
const remove = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
