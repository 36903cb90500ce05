import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { synthesize } from '../../src/cli/synthesize.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilot light app '));
});
afterEach(() => rmSync(folder, { recursive: true }));

function app(code: string): void {
  writeFileSync(join(folder, 'app.mjs'), code);
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ app: `"${process.execPath}" app.mjs` }));
}

test("the app's command runs in its folder and writes the assembly where it is told; its temporary files stay beside it", async () => {
  app(`
    import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    mkdtempSync(tmpdir() + '/bundle-');
    mkdirSync(process.env.CDK_OUTDIR, { recursive: true });
    writeFileSync(process.env.CDK_OUTDIR + '/manifest.json', process.cwd());`);
  const work = join(folder, 'work');
  expect(await synthesize(folder, join(work, 'cdk.out'))).toBe(join(work, 'cdk.out'));
  expect(existsSync(join(work, 'cdk.out', 'manifest.json'))).toBe(true);
  expect(readdirSync(join(work, 'synthesis'))).toEqual([expect.stringMatching(/^bundle-/)]);
});

test('an app that fails, or makes nothing, is a usage error with what it said', async () => {
  app("throw new Error('no such construct')");
  await expect(synthesize(folder, join(folder, 'work', 'cdk.out'))).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringMatching(/didn't synthesize[\s\S]*no such construct[\s\S]*cdk synth/),
  });
  app('');
  await expect(synthesize(folder, join(folder, 'work', 'cdk.out'))).rejects.toMatchObject({ kind: 'usage' });
});
