/**
 * The directory a sandbox is kept in: taken by one sandbox at a time, stamped with the version of its format, and left in place when
 * the sandbox stops. What lives only as long as a process (sockets, pid files, the clock's) has another place, so that nothing here
 * depends on how long the directory's path is.
 *
 *   state.json   what this is: format, version, and the sandbox it belongs to
 *   holder.json  who holds it, or held it last: its process and its Regions' process groups
 *   tables/      every row (`journal.ts`)
 *   files/       databases, objects, code, disks and logs: `core.directory`
 */

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { usageError } from '../../kernel/errors.ts';
import { endProcesses, isRunning, type Run } from '../machines/runs.ts';
import { Journal } from './journal.ts';
import { moveRows } from './moved.ts';

const format = 'pilot-light-sandbox-state';
/** Raised whenever rows, files or their encoding change so that an older reader would misread them, or the other way round. */
export const stateVersion = 1;

const stampFile = 'state.json';
const holderFile = 'holder.json';

/** What a sandbox can't change in its later lives. */
export interface Identity {
  readonly account: string;
  readonly regions: readonly string[];
}

interface Stamp extends Identity {
  readonly format: typeof format;
  readonly version: number;
  /** Where the files were: rows name them by their whole path. */
  readonly files: string;
}

export interface StateDirectory {
  readonly path: string;
  /** For `core.directory`. */
  readonly files: string;
  readonly journal: Journal;
  /** Whether there was a life before this one. */
  readonly isKept: boolean;
  /** Writes down who holds it now. */
  hold(run: Run): void;
  /** Writes what is left and gives the directory back. Safe while the process exits. */
  release(): void;
}

export interface StateOptions extends Identity {
  /** Whether there must have been a life before. */
  readonly mustBeKept?: boolean;
  /** Told when it can't be written any more. */
  readonly onFailure: (error: unknown) => void;
}

/** Throws a usage error when it is another's, of another version, not ours, or belongs to a sandbox with another identity. */
export async function openStateDirectory(
  given: string,
  { account, regions, mustBeKept = false, onFailure }: StateOptions,
): Promise<StateDirectory> {
  const path = resolve(given);
  const identity: Identity = { account, regions };
  if (!mustBeKept) makeFolder(path);
  else if (!existsSync(path)) throw nothingKept(path);
  const claim = await takeClaim(path);
  try {
    const files = join(path, 'files');
    const before = stampOf(path);
    if (before !== undefined) checkIdentity(path, before, identity);
    else if (mustBeKept) throw nothingKept(path);
    checkWritable(path);
    const last = before === undefined ? undefined : holderOf(path);
    // A sandbox that was killed may have left processes that still write to the files.
    if (last !== undefined) await endProcesses(last);
    const stamp: Stamp = { format, version: stateVersion, ...identity, files };
    // Before anything else is put there: killed in between, it is still ours.
    if (before === undefined) writeWhole(join(path, stampFile), stamp);
    mkdirSync(files, { recursive: true, mode: 0o700 });
    const journal = new Journal({ folder: join(path, 'tables'), onFailure });
    if (before !== undefined && before.files !== files) {
      moveRows(journal, before.files, files);
      writeWhole(join(path, stampFile), stamp);
    }
    return {
      path,
      files,
      journal,
      isKept: before !== undefined,
      hold: (run) => writeWhole(join(path, holderFile), run),
      release() {
        try {
          journal.close();
        } finally {
          claim.close(() => {});
        }
      },
    };
  } catch (error) {
    claim.close(() => {});
    throw error;
  }
}

/** Who holds a state directory, or held it last. */
export const holderOf = (path: string): Run | undefined => readJson<Run>(join(path, holderFile));

/** The kernel frees an abstract socket however its holder dies; its name is the directory's own, whatever path leads there. */
async function takeClaim(path: string): Promise<Server> {
  const { dev, ino } = statSync(path);
  const server = createServer((socket) => socket.destroy());
  const taken = await new Promise<boolean>((settle, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? settle(false) : reject(error),
    );
    server.listen(`\0pilot-light-state-${dev}-${ino}`, () => settle(true));
  });
  if (taken) return server.unref();
  const holder = holderOf(path);
  const known = holder !== undefined && isRunning(holder) ? holder : undefined;
  throw usageError('The state directory is held by another sandbox.', {
    given: `${path}, held by ${known === undefined ? 'a process that is just starting' : `process ${known.pid}`}`,
    next:
      known === undefined
        ? 'Wait for it, or give another directory.'
        : `\`pilot-light sandbox down --sandbox ${known.id}\` ends it; or give another directory.`,
  });
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(path, error);
  }
}

function checkWritable(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(path, error);
  }
}

const unusable = (path: string, error: unknown): Error =>
  usageError(`The state directory can't be used: ${error instanceof Error ? error.message : String(error)}.`, {
    given: path,
    allowed: 'a directory you may write to',
    next: 'Correct its permissions, or give another one.',
    cause: error,
  });

const nothingKept = (path: string): Error =>
  usageError('No sandbox was kept there: there is nothing to look at.', {
    given: path,
    allowed: 'a directory a sandbox was kept in, as a failed rehearsal leaves it beside its report',
  });

function stampOf(path: string): Stamp | undefined {
  const found = contentOf(path);
  // One that was killed in its first moment left no more than that.
  if (found.every((name) => name === `${stampFile}.next`)) return undefined;
  if (!found.includes(stampFile)) {
    throw usageError('The state directory holds something else than a sandbox.', {
      given: `${path}, with ${found.slice(0, 3).join(', ')}`,
      allowed: 'a directory a sandbox was kept in, an empty one, or one that does not exist yet',
    });
  }
  const stamp = readJson<Partial<Stamp>>(join(path, stampFile));
  if (!isStamp(stamp)) {
    throw usageError("The state directory can't be told from something else: what says so is damaged.", {
      given: join(path, stampFile),
      next: 'Restore the directory from a copy, or give another one.',
    });
  }
  if (stamp.format === format && stamp.version === stateVersion) return stamp;
  throw usageError('The state directory is of another version and would be misread.', {
    given: `${path}, ${stamp.format} version ${stamp.version}`,
    allowed: `${format} version ${stateVersion}`,
    next: 'Start it with the version of Pilot Light that wrote it, or give another directory.',
  });
}

function contentOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    throw unusable(path, error);
  }
}

/** Of any version. */
const isStamp = (found: Partial<Stamp> | undefined): found is Stamp =>
  typeof found?.format === 'string' &&
  typeof found.version === 'number' &&
  (found.version !== stateVersion || (Array.isArray(found.regions) && typeof found.files === 'string'));

function checkIdentity(path: string, stamp: Stamp, { account, regions }: Identity): void {
  const told = ({ account: id, regions: names }: Identity): string => `account ${id}, Regions ${names.join(', ')}`;
  if (told(stamp) === told({ account, regions })) return;
  throw usageError('The state directory belongs to a sandbox with another account or other Regions.', {
    given: told({ account, regions }),
    allowed: `${told(stamp)} (kept in ${path})`,
    next: 'Start it with those, or give another directory.',
  });
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** Renamed into place: a reader finds all of it or what was there before. */
function writeWhole(path: string, content: object): void {
  writeFileSync(`${path}.next`, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  renameSync(`${path}.next`, path);
}
