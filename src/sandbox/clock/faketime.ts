/**
 * AWS time for programs that aren't ours (database servers): libfaketime, from the distribution, told of every change of pace.
 *
 * libfaketime answers `start + offset + (real - start) * rate`, where `start` is when each process began: with an unknown start, a
 * change of rate is a jump. It takes a start from shared memory, though, when it is given some: we prepare that, so that the start is
 * ours, one file serves every process, and a change of rate is continuous. (Layout: `ft_shared_s` of libfaketime 0.9.8 and later.)
 *
 * A server computes its waits once, with the rate at that moment: a wait of a second begun while time stands still would never end. So
 * these programs' time never falls below a `floor` of the nominal rate. What it gains while AWS time stands still (at most
 * `longestLead`) it gives back by running slower afterwards.
 */

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../kernel/errors.ts';
import type { AwsClock } from './aws-clock.ts';
import { leadingPace } from './leading-pace.ts';
import { realTime } from './real-time.ts';
import { WallOffset } from './wall-offset.ts';

export interface Faketime {
  close(): void;
}

const libraries = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib64/faketime/libfaketimeMT.so.1',
  '/usr/lib/faketime/libfaketimeMT.so.1',
  '/usr/local/lib/faketime/libfaketimeMT.so.1',
];
const sharedMemory = '/dev/shm';
const memoryNameFile = 'faketime.memory';

/**
 * The files libfaketime reads, outside the sandbox's folder: shared memory because POSIX wants it there, and the line because it is
 * replaced at every change of pace. On a disk's file system each replacement may wait for the disk (ext4 writes the new content out
 * first), and every such wait slows AWS time down.
 */
export const sharedMemoryFiles = (id: string): readonly string[] => [
  join(sharedMemory, `sem.${memoryName(id)}`),
  join(sharedMemory, memoryName(id)),
  lineFile(memoryName(id)),
  nextLine(lineFile(memoryName(id))),
];

const lineFile = (memory: string): string => join(sharedMemory, `${memory}.line`);
const nextLine = (line: string): string => `${line}.next`;

const memoryName = (id: string): string => `pilot-light-${id}`;

export function faketimeLibrary(): string {
  const found = libraries.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw usageError('libfaketime is not installed: database servers need it to live on AWS time.', {
    allowed: libraries.join(', '),
    next: "Install Debian's package `faketime` (apt-get install faketime).",
  });
}

/**
 * The variables that put a program on AWS time, for the sandbox whose folder is `directory` (`core.directory`). One file serves every
 * program, and is kept up to date for all of them. Throws when libfaketime isn't installed, naming the package.
 */
export function faketimeEnvironment(directory: string): Readonly<Record<string, string>> {
  const memory = readFileSync(join(directory, memoryNameFile), 'utf8');
  return {
    LD_PRELOAD: faketimeLibrary(),
    FAKETIME_TIMESTAMP_FILE: lineFile(memory),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_SHARED: `/${memory} /${memory}`,
  };
}

/** Keeps libfaketime's line true to the clock; `directory` is told its name. `id` names the shared memory. */
export function publishFaketime(clock: AwsClock, directory: string, id: string): Faketime {
  const path = lineFile(memoryName(id));
  const wall = new WallOffset(() => realTime.now());
  const start = { wall: wall.now(), monotonic: realTime.now() };
  prepareSharedMemory(id, start);
  writeFileSync(join(directory, memoryNameFile), memoryName(id));

  const [, memoryFile = ''] = sharedMemoryFiles(id);
  const pace = leadingPace(clock, realTime, (aws, rate) => {
    // Cleared away already, by a signal's handler: a process that takes its time to end must not put the line back.
    if (!existsSync(memoryFile)) return;
    const ahead = aws - start.wall - (wall.now() - start.wall) * rate;
    // Renamed into place: a reader sees the old line or the new one, never a half.
    writeFileSync(nextLine(path), `${ahead < 0 ? '' : '+'}${(ahead / 1000).toFixed(9)} x${rate.toFixed(6)}\n`, {
      mode: 0o600,
    });
    renameSync(nextLine(path), path);
  });

  return {
    close() {
      pace.close();
      for (const file of sharedMemoryFiles(id)) rmSync(file, { force: true });
    },
  };
}

function prepareSharedMemory(id: string, start: { wall: number; monotonic: number }): void {
  const [semaphoreFile = '', memoryFile = ''] = sharedMemoryFiles(id);
  // A POSIX semaphore with a count so high that a process killed while it held it blocks nobody.
  const semaphore = Buffer.alloc(32);
  semaphore.writeUInt32LE(1 << 20, 0);
  writeFileSync(semaphoreFile, semaphore, { mode: 0o600 });
  // Two counters, then the start by four clocks as seconds and nanoseconds: real, monotonic, monotonic raw, boot.
  const memory = Buffer.alloc(80);
  for (const [index, milliseconds] of [start.wall, start.monotonic, start.monotonic, start.monotonic].entries()) {
    const seconds = Math.floor(milliseconds / 1000);
    memory.writeBigInt64LE(BigInt(seconds), 16 + 16 * index);
    memory.writeBigInt64LE(BigInt(Math.round((milliseconds - 1000 * seconds) * 1e6)), 24 + 16 * index);
  }
  writeFileSync(memoryFile, memory, { mode: 0o600 });
}
