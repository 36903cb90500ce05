import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { zipDirectory } from '../../../src/cli/deploy/zip.ts';
import { temporaryDirectory } from './temporary-directory.ts';

function directory(): string {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'nested'));
  writeFileSync(join(root, 'b.js'), 'exports.b = "ü"'.repeat(100));
  writeFileSync(join(root, 'nested', 'a.sh'), '#!/bin/sh\n');
  writeFileSync(join(root, 'empty'), '');
  chmodSync(join(root, 'nested', 'a.sh'), 0o755);
  return root;
}

/** Entries as the central directory lists them, with what their local parts hold. */
function entries(zip: Buffer): { name: string; content: string; mode: number }[] {
  const end = zip.length - 22;
  expect(zip.readUInt32LE(end)).toBe(0x06054b50);
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    expect(zip.readUInt32LE(at)).toBe(0x02014b50);
    const [crc, packed, size, nameLength] = [
      zip.readUInt32LE(at + 16),
      zip.readUInt32LE(at + 20),
      zip.readUInt32LE(at + 24),
      zip.readUInt16LE(at + 28),
    ];
    const local = zip.readUInt32LE(at + 42);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    expect(zip.readUInt32LE(local)).toBe(0x04034b50);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = inflateRawSync(zip.subarray(start, start + packed));
    expect(content.length).toBe(size);
    expect(crc32(content)).toBe(crc);
    const mode = zip.readUInt32LE(at + 38) >>> 16;
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    return { name, content: content.toString('utf8'), mode };
  });
}

it('holds every file below a directory, by its relative name, with its executable bit', () => {
  expect(entries(zipDirectory(directory()))).toEqual([
    { name: 'b.js', content: 'exports.b = "ü"'.repeat(100), mode: 0o100644 },
    { name: 'empty', content: '', mode: 0o100644 },
    { name: 'nested/a.sh', content: '#!/bin/sh\n', mode: 0o100755 },
  ]);
});

it('is the same for the same content, whenever it was written', () => {
  const [one, other] = [directory(), directory()];
  utimesSync(join(other, 'b.js'), 1, 1);
  expect(zipDirectory(one).equals(zipDirectory(other))).toBe(true);
});
