/**
 * A zip archive of a directory, the same bytes for the same content: entries in name order, at one fixed time, with only the
 * executable bit kept. Source of the layout: PKWARE's APPNOTE.TXT 6.3.10.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

export function zipDirectory(directory: string): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  const names = filesIn(directory);
  for (const name of names) {
    const path = join(directory, name);
    const content = readFileSync(path);
    const entry = entryOf(name, content, (statSync(path).mode & 0o111) !== 0);
    local.push(entry.local);
    central.push(entry.central(offset));
    offset += entry.local.length;
  }
  const directoryBytes = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(names.length, 8);
  end.writeUInt16LE(names.length, 10);
  end.writeUInt32LE(directoryBytes.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directoryBytes, end]);
}

/** Files below a directory, by name with forward slashes, in order. Links are followed: archives hold what they point to. */
function filesIn(directory: string, prefix = ''): string[] {
  return readdirSync(directory)
    .sort()
    .flatMap((name) => {
      const path = join(directory, name);
      return statSync(path).isDirectory() ? filesIn(path, `${prefix}${name}/`) : [prefix + name];
    })
    .sort();
}

/** 1980-01-01 00:00, the first moment the format knows. */
const dosDate = 0x21;
const utf8Names = 0x0800;
const deflated = 8;
const madeOnUnix = 0x0314;

function entryOf(name: string, content: Buffer, executable: boolean) {
  const nameBytes = Buffer.from(name, 'utf8');
  const body = deflateRawSync(content);
  // The fields both headers share, from "version needed" to the length of the extra field.
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(utf8Names, 2);
  common.writeUInt16LE(deflated, 4);
  common.writeUInt16LE(dosDate, 8);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(body.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(nameBytes.length, 22);
  return {
    local: Buffer.concat([signature(0x04034b50), common, nameBytes, body]),
    central(offset: number): Buffer {
      const version = Buffer.alloc(2);
      version.writeUInt16LE(madeOnUnix, 0);
      const rest = Buffer.alloc(14);
      rest.writeUInt32LE(((executable ? 0o100755 : 0o100644) << 16) >>> 0, 6);
      rest.writeUInt32LE(offset, 10);
      return Buffer.concat([signature(0x02014b50), version, common, rest, nameBytes]);
    },
  };
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
