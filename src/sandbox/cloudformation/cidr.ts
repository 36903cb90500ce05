/** `Fn::Cidr`: the first `count` IPv4 blocks of `bits` host bits inside a block. */

import { validationError } from './errors.ts';

export function cidrBlocks(block: string, count: number, bits: number, path: string): string[] {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(block);
  const size = 2 ** bits;
  if (match === null || !(count >= 1 && count <= 256) || !(bits >= 1 && bits <= 32)) {
    throw validationError(`Template error: Fn::Cidr can't cut ${count} blocks of ${bits} bits from ${block}`, path);
  }
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  const length = 2 ** (32 - prefix);
  if (size * count > length) {
    throw validationError(`Template error: ${block} has no room for ${count} blocks of ${bits} bits`, path);
  }
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const base = address - (address % length);
  return Array.from({ length: count }, (_, index) => `${dotted(base + index * size)}/${32 - bits}`);
}

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
