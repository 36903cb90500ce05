import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadWorkload } from '../../src/cli/load-workload.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilot light config '));
});
afterEach(() => rmSync(folder, { recursive: true }));

function config(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const least = {
  name: 'w',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
  traffic: { zone: 'w.example', name: 'w.example' },
};
const typescript = `
  import { defineWorkload } from 'pilot-light';
  const least: object = ${JSON.stringify(least)};
  export default defineWorkload(least as any);`;

test('without a file it is the example', async () => {
  const { workload, baseDirectory } = await loadWorkload(undefined);
  expect(workload.name).toBe('photos');
  expect(baseDirectory).toMatch(/examples\/photos$/);
});

test.each([
  ['c.json', JSON.stringify(least)],
  ['c.yaml', JSON.stringify(least)],
  ['c.mjs', `export default ${JSON.stringify(least)}`],
  ['c.ts', typescript],
])('reads %s', async (name, text) => {
  const { workload, baseDirectory } = await loadWorkload(config(name, text));
  expect(workload.recovery.region).toBe('us-west-2');
  expect(baseDirectory).toBe(folder);
});

test.each([
  ['c.ts', 'export default {', /c\.ts:1:16: ERROR/],
  ['c.ts', 'export const workload = {};', /no default export\. Given: .*c\.ts\. Correct it/],
  ['c.ts', "throw new Error('not today')", /not today/],
  ['c.json', '{"name": ', /can't be read/],
  ['c.yaml', 'name: [', /can't be read/],
  ['c.json', JSON.stringify({ ...least, speed: 3 }), /isn't valid[\s\S]*speed: there is no such field/],
  [
    'c.json',
    JSON.stringify({ ...least, recovery: { region: 'mars-1' } }),
    /isn't valid[\s\S]*recovery.region: .*Given: mars-1/,
  ],
])('a broken %s is one usage error that says what is wrong', async (name, text, says) => {
  await expect(loadWorkload(config(name, text))).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringMatching(says),
  });
});

test('a path that is no file is refused', async () => {
  mkdirSync(join(folder, 'c.ts'));
  for (const path of [join(folder, 'c.ts'), join(folder, 'gone.ts')])
    await expect(loadWorkload(path)).rejects.toMatchObject({ kind: 'usage', given: path });
});
