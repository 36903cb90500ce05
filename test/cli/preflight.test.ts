import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadWorkload } from '../../src/cli/load-workload.ts';
import { checkAuditTools, checkCustomers, checkMachine, checkWorkload } from '../../src/cli/preflight.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilot light check '));
});
afterEach(() => rmSync(folder, { recursive: true }));

const usage = (says: RegExp) => expect.objectContaining({ kind: 'usage', message: expect.stringMatching(says) });

function program(name: string): void {
  writeFileSync(join(folder, name), '');
  chmodSync(join(folder, name), 0o755);
}

test('a machine without a database server is told what to install', async () => {
  await expect(checkMachine({ platform: 'linux', folders: [folder] })).rejects.toEqual(
    usage(
      /lacks mariadbd, mariadb-install-db, mariadb-backup\. Install the Debian packages mariadb-server and mariadb-backup/,
    ),
  );
  expect(() => checkAuditTools({ platform: 'linux', folders: [folder] })).toThrow(/mariadb-client/);
});

test('a machine with the programs passes', async () => {
  for (const name of ['mariadbd', 'mariadb-install-db', 'mariadb-backup', 'mariadb-binlog']) program(name);
  await checkMachine({ platform: 'linux', folders: [folder] });
  checkAuditTools({ platform: 'linux', folders: [folder] });
});

test('anything but Linux is told to take a virtual machine', async () => {
  await expect(checkMachine({ platform: 'darwin' })).rejects.toEqual(usage(/Linux.*darwin.*virtual machine/));
});

test('the example has all that a sandbox is made from', async () => {
  checkWorkload(await loadWorkload(undefined), { app: true });
});

test.each([
  ['an image nobody describes', { sandbox: { images: {} } }, /what the workload's image holds/],
  [
    "an image's missing module",
    { sandbox: { images: { 'ami-0f0e0d0c0b0a09080': { entry: 'gone.ts' } } } },
    /image ami-0f0e0d0c0b0a09080 is made from isn't there.*gone\.ts/,
  ],
  [
    "an image's missing folder",
    { sandbox: { images: { 'ami-0f0e0d0c0b0a09080': { folder: 'gone', command: ['node', 'x'] } } } },
    /isn't there.*gone/,
  ],
  ["a function's missing module", { functions: { small: { entry: 'no/such.ts' } } }, /function small is made from/],
])('%s is found out before anything starts', async (_name, change, says) => {
  const file = configFile(change);
  mkdirSync(join(folder, 'image'));
  const loaded = await loadWorkload(file);
  expect(() => checkWorkload(loaded, { app: false })).toThrow(usage(says));
});

test.each([
  ['no cdk.json', undefined, /no cdk\.json beside/],
  ['a broken cdk.json', '{', /cdk\.json can't be read/],
  ['a cdk.json without an app', '{}', /names no app/],
])('%s is found out before anything starts', async (_name, text, says) => {
  mkdirSync(join(folder, 'image'));
  if (text !== undefined) writeFileSync(join(folder, 'cdk.json'), text);
  const loaded = await loadWorkload(configFile({}));
  expect(() => checkWorkload(loaded, { app: true })).toThrow(usage(says));
  checkWorkload(loaded, { app: false });
});

test('a workload whose customers its owner leads is not rehearsed, and told what can be', async () => {
  const customers = {
    write: { path: '/{id}', body: { text: '{id}' } },
    row: { table: 'entries', id: 'id' },
  };
  const own = { sandbox: { images: {}, customers } };
  checkCustomers(await loadWorkload(configFile(own)));
  const led = await loadWorkload(configFile({ ...own, traffic: { latch: 'none' } }));
  expect(() => checkCustomers(led)).toThrow(
    usage(/led by you.*latch: none.*alarm or accelerator.*sandbox up --deploy/),
  );
});

function configFile(change: object): string {
  const file = join(folder, 'workload.json');
  const config = {
    name: 'w',
    primary: { region: 'us-east-1' },
    recovery: { region: 'us-west-2' },
    compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
    traffic: { zone: 'w.example', name: 'w.example' },
    sandbox: { images: { 'ami-0f0e0d0c0b0a09080': { folder: 'image', command: ['node', 'x'] } } },
    ...change,
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}
