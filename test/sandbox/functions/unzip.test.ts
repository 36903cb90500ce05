/** Deployment packages are unpacked as they were packed, and nothing lands outside of their folder. */

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unzip } from '../../../src/sandbox/functions/unzip.ts';
import { zip } from './zip.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilot-light-unzip-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(['stored', 'deflated'] as const)('unpacks %s entries, folders included', async (method) => {
  const text = 'exports.handler = 1;\n'.repeat(50);
  await unzip(zip({ 'index.js': text, 'lib/deep/empty.txt': '' }, method), folder);
  expect(readFileSync(join(folder, 'index.js'), 'utf8')).toBe(text);
  expect(statSync(join(folder, 'lib/deep/empty.txt')).size).toBe(0);
});

test('reads an archive that begins in the middle of its buffer and ends in a comment', async () => {
  const archive = Buffer.concat([zip({ 'a.txt': 'a' }), Buffer.from('comment')]);
  const shifted = Buffer.concat([Buffer.alloc(7), archive]).subarray(7);
  await unzip(shifted, folder);
  expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('a');
});

test('refuses paths that leave the folder, and what is no archive', async () => {
  await expect(unzip(zip({ '../evil.txt': 'x' }), folder)).rejects.toThrow('points outside');
  await expect(unzip(Buffer.from('not an archive at all, but long enough'), folder)).rejects.toThrow(
    'not a ZIP archive',
  );
});
