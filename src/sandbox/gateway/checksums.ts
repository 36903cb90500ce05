/** The checksums a client can send with an upload, as far as they are cheap to verify here; the others are passed on unverified. */

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface Checksum {
  update(chunk: Uint8Array): void;
  /** In base64, as headers carry it. */
  digest(): string;
}

/** By the name in `x-amz-checksum-<name>`. Undefined for an algorithm that isn't verified. */
export function checksumNamed(name: string): Checksum | undefined {
  if (name === 'crc32') return cyclic(crc32);
  if (name === 'crc32c') return cyclic(crc32c);
  return ['md5', 'sha1', 'sha256', 'sha512'].includes(name) ? hashed(name) : undefined;
}

function hashed(name: string): Checksum {
  const hash = createHash(name);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('base64') };
}

function cyclic(step: (chunk: Uint8Array, value: number) => number): Checksum {
  let value = 0;
  return {
    update(chunk) {
      value = step(chunk, value);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value >>> 0);
      return bytes.toString('base64');
    },
  };
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

function crc32c(chunk: Uint8Array, start: number): number {
  let value = ~start >>> 0;
  for (const byte of chunk) value = (castagnoli[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return ~value >>> 0;
}
