import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openWorkspace, sweepWorkspaces } from '../../src/cli/workspace.ts';

let temporary = '';
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'pilot light test '));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

test('a workspace is a folder of its own until it is closed', () => {
  const one = openWorkspace();
  const other = openWorkspace();
  writeFileSync(join(one.folder, 'file'), '');
  expect(one.folder).not.toBe(other.folder);
  one.close();
  expect(existsSync(one.folder)).toBe(false);
  expect(existsSync(other.folder)).toBe(true);
  other.close();
  expect(readdirSync(temporary)).toEqual([]);
});

test('a workspace goes when its process exits, and is swept when it was killed', async () => {
  const exited = spawned('process.exit(3)');
  await once(exited, 'close');
  expect(readdirSync(temporary)).toEqual([]);
  const killed = spawned('setInterval(() => {}, 1000); console.log("open")');
  await once(killed.stdout, 'data');
  expect(sweepWorkspaces()).toBe(0);
  killed.kill('SIGKILL');
  await once(killed, 'close');
  expect(readdirSync(temporary)).toHaveLength(1);
  expect(sweepWorkspaces()).toBe(1);
  expect(readdirSync(temporary)).toEqual([]);
});

test("a recycled process id keeps nothing alive, and what isn't a workspace is left alone", () => {
  mkdirSync(join(temporary, `pilot-light-work-${process.pid}-1-abcdef`));
  mkdirSync(join(temporary, 'pilot-light-work-mine'));
  expect(sweepWorkspaces()).toBe(1);
  expect(readdirSync(temporary)).toEqual(['pilot-light-work-mine']);
});

/** A process that opens a workspace and then does this. */
function spawned(then: string) {
  const module = JSON.stringify(new URL('../../src/cli/workspace.ts', import.meta.url).href);
  const code = `import { openWorkspace } from ${module}; openWorkspace(); ${then}`;
  const tsx = import.meta.resolve('tsx');
  return spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', code], {
    env: { ...process.env, TMPDIR: temporary, TSX_DISABLE_CACHE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
