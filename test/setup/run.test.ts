import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const setup = fileURLToPath(new URL('../../setup', import.meta.url));
let root = '';

// A project with the real set-up and stand-ins for what it starts. Its npm writes down that it was called.
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'pilot light project '));
  cpSync(setup, join(root, 'setup'), { recursive: true });
  put('package.json', '{"type": "module"}');
  put('package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
  put('setup/build.mjs', '');
  put('bin/pilot-light.mjs', 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;');
  put(
    'programs/npm',
    `#!/bin/sh\necho "$@" >> npm.log\nmkdir -p node_modules\necho '{"packages":{"node_modules/a":{"version":"1.0.0"}}}' > node_modules/.package-lock.json\n`,
  );
  for (const name of ['mariadbd', 'mariadb-install-db', 'mariadb-backup', 'mariadb-binlog'])
    put(`programs/${name}`, '');
  chmodSync(join(root, 'programs/npm'), 0o755);
});
afterAll(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function run(args: readonly string[], environment: Record<string, string> = {}) {
  const path = `${join(root, 'programs')}${delimiter}${process.env.PATH}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'setup', 'run.mjs'), ...args], {
    cwd: tmpdir(),
    env: { ...process.env, PATH: path, ...environment },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('sets up once, becomes the command, and leaves stdout and the exit code to it', () => {
  const first = run(['start', '--json', 'a b']);
  expect(first.stderr).toMatch(/^Setting up, once\. Installing the npm packages of the lockfile/);
  const second = run(['start', '--json', 'a b']);
  expect(second.stderr).toBe('Rehearsing a failover between two Regions on this machine.\n');
  for (const { status, stdout } of [first, second])
    expect({ status, stdout }).toEqual({ status: 7, stdout: '["rehearse","--json","a b"]\n' });
  expect(readFileSync(join(root, 'npm.log'), 'utf8')).toBe('ci --include=dev --no-audit --no-fund\n');
});

test('an unknown command, and options that npm took for its own, are refused', () => {
  expect(run(['rehears'])).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('start, test, bench'),
  });
  expect(run(['start', '5'], { npm_config_speed: 'true' })).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('npm start -- --speed'),
  });
});
