import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsClock } from '../../../src/sandbox/clock/aws-clock.ts';
import { faketimeEnvironment, publishFaketime, sharedMemoryFiles } from '../../../src/sandbox/clock/faketime.ts';
import { type RealSandbox, realSandbox } from '../../support/real-sandbox.ts';

let sandbox: RealSandbox;
let database: Connection;

beforeAll(async () => {
  sandbox = await realSandbox([], { speed: 30 });
  const data = join(sandbox.core.directory, 'data');
  mkdirSync(data);
  const common = ['--no-defaults', `--datadir=${data}`, ...(process.getuid?.() === 0 ? ['--user=root'] : [])];
  const { PATH = '' } = process.env;
  const env = { PATH: `${PATH}:/usr/sbin` };
  await promisify(execFile)(
    'mariadb-install-db',
    [...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { env },
  );
  const socket = join(data, 'socket');
  await sandbox.core.region('us-east-1').machines.spawn({
    name: 'database',
    command: 'mariadbd',
    args: [...common, `--socket=${socket}`, '--skip-networking', '--innodb-buffer-pool-size=16M'],
    env: { ...env, ...faketimeEnvironment(sandbox.core.directory) },
  });
  for (let attempt = 0; ; attempt++) {
    try {
      database = await createConnection({ socketPath: socket, user: 'root' });
      break;
    } catch (error) {
      if (attempt === 500) throw error;
      await sleep(20);
    }
  }
});
afterAll(async () => {
  await database?.end();
  await sandbox?.stop();
});

interface Watched {
  /** How far the server's time was outside what AWS time was before and after the question, in AWS milliseconds. */
  readonly behind: number;
  readonly ahead: number;
  /** The largest step back between two answers. */
  readonly back: number;
}

let last = 0;

/**
 * AWS milliseconds: ten real ones at thirty times, for when the machine takes the processor away between two readings. A server whose
 * rate is changed without care jumps by seconds here.
 */
const noise = 300;

async function watch(span: number): Promise<Watched> {
  let [behind, ahead, back] = [0, 0, 0];
  for (const end = performance.now() + span; performance.now() < end; ) {
    const before = sandbox.clock.now();
    const [[row]] = await database.query<RowDataPacket[]>('SELECT UNIX_TIMESTAMP(NOW(6)) * 1000 AS now');
    const after = sandbox.clock.now();
    const now = Number(row?.now);
    behind = Math.max(behind, before - now);
    ahead = Math.max(ahead, now - after);
    back = Math.max(back, last - now);
    last = now;
  }
  return { behind, ahead, back };
}

describe('a MariaDB server on AWS time', () => {
  it('follows changes of speed without a jump', async () => {
    expect((await watch(200)).back).toBeLessThan(noise);
    for (const speed of [30, 3, 30, 1, 17.5, 10]) {
      sandbox.clock.setCeiling(speed);
      const { behind, ahead, back } = await watch(150);
      expect(back, `speed ${speed}`).toBeLessThan(noise);
      expect(behind, `speed ${speed}`).toBeLessThan(noise);
      expect(ahead, `speed ${speed}`).toBeLessThan(noise);
    }
  });

  it('goes on slowly while time stands still, and falls in step again', async () => {
    sandbox.clock.setCeiling(10);
    await watch(300);
    const held = await sandbox.clock.hold(() => watch(300));
    expect(held.back).toBeLessThan(noise);
    expect(held.ahead).toBeGreaterThan(100);
    expect(held.ahead).toBeLessThan(3500);
    expect((await watch(600)).back).toBeLessThan(noise);
    const { behind, ahead, back } = await watch(100);
    expect(back).toBeLessThan(noise);
    expect(behind).toBeLessThan(noise);
    expect(ahead).toBeLessThan(noise);
  });
});

describe("libfaketime's files", () => {
  it('stay away once they are cleared, though the clock goes on until the process has ended', () => {
    const directory = mkdtempSync(join(tmpdir(), 'pilot-light-test-'));
    const clock = new AwsClock({ start: Date.now(), ceiling: 10 });
    const id = `test-${process.pid}`;
    const faketime = publishFaketime(clock, directory, id);
    const present = () => sharedMemoryFiles(id).filter((file) => existsSync(file));
    expect(present()).toHaveLength(3);
    // As a signal's handler does, while others keep the process for a moment longer.
    for (const file of present()) rmSync(file);
    clock.setCeiling(20);
    expect(present()).toEqual([]);
    faketime.close();
    clock.close();
  });
});
