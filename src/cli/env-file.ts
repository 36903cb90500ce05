/**
 * `--env-file`: the environment a client needs, in a file that a shell can source and dotenv can read. It is made before the sandbox is
 * started, so that a place that can't be written to is found out then; it is removed in the end if it is still what was written.
 */

import {
  closeSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, terminalError, usageError } from '../kernel/errors.ts';
import { shellWord } from './shell-word.ts';

export interface EnvFile {
  readonly path: string;
  write(sandbox: string, environment: Readonly<Record<string, string>>): void;
  remove(): void;
}

export const envLines = (environment: Readonly<Record<string, string>>): string[] =>
  Object.entries(environment).map(([name, value]) => `export ${name}=${shellWord(value)}`);

const mark = '# The environment of a Pilot Light sandbox: ';

/** @throws a usage error when the file can't be made, or holds something else. `runs` tells whether a sandbox of an id does. */
export function reserveEnvFile(given: string, runs: (id: string) => boolean): EnvFile {
  const path = resolve(given);
  refuseOthers(path, runs);
  let file: number;
  let content = `${mark}starting\n`;
  try {
    rmSync(path, { force: true });
    // Exclusively: a link put there meanwhile isn't followed.
    file = openSync(path, 'wx', 0o600);
    writeFileSync(file, content);
  } catch (error) {
    throw usageError(`The env file can't be written: ${messageOf(error)}.`, {
      given: path,
      allowed: 'a path in a folder you may write to',
      next: 'Give --env-file another one.',
      cause: error,
    });
  }
  const { dev, ino } = fstatSync(file);
  const isOurs = () => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found?.dev === dev && found.ino === ino && readFileSync(path, 'utf8') === content;
  };
  const remove = () => {
    process.off('exit', remove);
    try {
      if (isOurs()) rmSync(path, { force: true });
      closeSync(file);
    } catch {
      // Its folder may be gone, and then so is it.
    }
  };
  process.once('exit', remove);
  return {
    path,
    write(sandbox, environment) {
      const text = `${mark}${sandbox}\n${envLines(environment).join('\n')}\n`;
      try {
        ftruncateSync(file);
        // Not by path: whatever has been put there since is somebody else's.
        for (let at = 0, bytes = Buffer.from(text); at < bytes.length; )
          at += writeSync(file, bytes, at, bytes.length - at, at);
        content = text;
      } catch (error) {
        content = readFileSync(path, 'utf8');
        throw terminalError(`The env file can't be written: ${messageOf(error)}.`, { given: path, cause: error });
      }
    },
    remove,
  };
}

function refuseOthers(path: string, runs: (id: string) => boolean): void {
  const found = whatIsAt(path);
  if (found === undefined) return;
  const refuse = (what: string) =>
    usageError(what, { given: path, next: 'Remove it, or give --env-file another path.' });
  if (!found.isFile()) throw refuse("The env file can't be written: something that is no plain file is there.");
  const [first = ''] = contentOf(path).split('\n');
  if (!first.startsWith(mark)) throw refuse("The env file isn't written over what no sandbox wrote.");
  if (runs(first.slice(mark.length))) throw refuse('The env file belongs to another sandbox, which is running.');
}

/** Nothing, where it can't even be looked: making the file says why. */
function whatIsAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError(`The env file can't be read: ${messageOf(error)}.`, { given: path });
  }
}
