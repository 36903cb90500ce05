/**
 * Unpacks a deployment package: the stored and deflated entries of a ZIP archive, as CDK, the aws CLI and zip(1) write them.
 * Source: PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.4. ZIP64, encryption and multi-disk archives are refused.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const inflate = promisify(inflateRaw);

export interface ZipEntry {
  readonly name: string;
  /** Permission bits, when the archive was made on Unix. */
  readonly mode: number;
  readonly method: number;
  readonly compressed: Buffer;
  readonly size: number;
}

/** Writes every file of the archive under `folder`. Throws with a sentence for what isn't a ZIP archive it can read. */
export async function unzip(archive: Uint8Array, folder: string): Promise<void> {
  for (const entry of zipEntries(Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength))) {
    const path = pathInside(folder, entry.name);
    if (entry.name.endsWith('/')) {
      await mkdir(path, { recursive: true });
      continue;
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await contentOf(entry), { mode: entry.mode & 0o111 ? 0o755 : 0o644 });
  }
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;

/** The entries, from the central directory at the archive's end: local headers may leave sizes out. */
export function zipEntries(archive: Buffer): ZipEntry[] {
  const end = endRecord(archive);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) throw new Error('ZIP64 archives are not supported.');
  const entries: ZipEntry[] = [];
  for (let index = 0; index < count; index++) {
    if (archive.readUInt32LE(at) !== entrySignature)
      throw new Error('The central directory of the ZIP archive is damaged.');
    if (archive.readUInt16LE(at + 8) & 1) throw new Error('Encrypted ZIP archives are not supported.');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    const [nameSize, skip] = [nameLength ?? 0, (extraLength ?? 0) + (commentLength ?? 0)];
    entries.push({
      name: archive.toString('utf8', at + 46, at + 46 + nameSize),
      mode: archive.readUInt32LE(at + 38) >>> 16,
      method: archive.readUInt16LE(at + 10),
      size: archive.readUInt32LE(at + 24),
      compressed: dataAt(archive, archive.readUInt32LE(at + 42), archive.readUInt32LE(at + 20)),
    });
    at += 46 + nameSize + skip;
  }
  return entries;
}

/** The end record is 22 bytes and a comment of up to 64 KiB. */
function endRecord(archive: Buffer): number {
  for (let at = archive.length - 22; at >= Math.max(0, archive.length - 22 - 0xffff); at--) {
    if (archive.readUInt32LE(at) === endSignature) return at;
  }
  throw new Error('Could not unzip uploaded file: it is not a ZIP archive.');
}

function dataAt(archive: Buffer, local: number, size: number): Buffer {
  if (archive.readUInt32LE(local) !== localSignature) throw new Error('A local header of the ZIP archive is damaged.');
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  return archive.subarray(start, start + size);
}

async function contentOf({ name, method, compressed, size }: ZipEntry): Promise<Buffer> {
  if (method !== 0 && method !== 8)
    throw new Error(`${name} is packed by method ${method}; stored (0) and deflated (8) are supported.`);
  const content = method === 0 ? compressed : size === 0 ? Buffer.alloc(0) : await inflate(compressed);
  if (content.length !== size) throw new Error(`${name} unpacks to ${content.length} bytes instead of ${size}.`);
  return content;
}

function pathInside(folder: string, name: string): string {
  const path = join(folder, normalize(name));
  if (path !== folder && !path.startsWith(folder + sep))
    throw new Error(`${name} points outside of the deployment package.`);
  return path;
}
