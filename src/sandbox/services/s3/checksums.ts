/**
 * S3's checksums, computed as bytes stream by. CRC32, SHA-1 and SHA-256 are Node's; CRC32C and CRC64NVME are table-driven here.
 * Values are base64 of the big-endian digest. Source: S3 User Guide, "Checking object integrity".
 */

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export interface Digest {
  update(chunk: Uint8Array): void;
  /** The raw digest; the digest takes no more bytes afterwards. */
  finish(): Buffer;
}

export const digestOf: Record<ChecksumAlgorithm | 'MD5', () => Digest> = {
  MD5: () => hash('md5'),
  SHA1: () => hash('sha1'),
  SHA256: () => hash('sha256'),
  CRC32: () => {
    let value = 0;
    return {
      update: (chunk) => {
        value = crc32(chunk, value);
      },
      finish: () => bigEndian(value),
    };
  },
  CRC32C: () => {
    let value = 0xffffffff;
    return {
      update: (chunk) => {
        for (const byte of chunk) value = (castagnoli[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
      },
      finish: () => bigEndian(value ^ 0xffffffff),
    };
  },
  CRC64NVME: () => {
    let high = 0xffffffff;
    let low = 0xffffffff;
    return {
      update: (chunk) => {
        for (const byte of chunk) {
          const index = (low ^ byte) & 0xff;
          low = ((low >>> 8) | (high << 24)) ^ (nvmeLow[index] ?? 0);
          high = (high >>> 8) ^ (nvmeHigh[index] ?? 0);
        }
      },
      finish: () => Buffer.concat([bigEndian(high ^ 0xffffffff), bigEndian(low ^ 0xffffffff)]),
    };
  },
};

export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return (checksumAlgorithms as readonly string[]).includes(name);
}

function hash(name: 'md5' | 'sha1' | 'sha256'): Digest {
  const digest = createHash(name);
  return {
    update: (chunk) => {
      digest.update(chunk);
    },
    finish: () => digest.digest(),
  };
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** Reflected polynomial of CRC-32C (RFC 3720). */
const castagnoli = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** Reflected polynomial of CRC-64/NVME, 0x9A6C9329AC4BC9B5, in two halves. Source: NVM Express NVM Command Set specification. */
const nvmeHigh = new Int32Array(256);
const nvmeLow = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry) {
      high ^= 0x9a6c9329;
      low ^= 0xac4bc9b5;
    }
  }
  nvmeHigh[byte] = high;
  nvmeLow[byte] = low;
}
