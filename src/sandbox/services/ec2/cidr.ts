/** IPv4 address blocks: parsing, containment, overlap. */

export interface Block {
  /** The first address, as an unsigned 32-bit number. */
  readonly base: number;
  readonly bits: number;
}

/** Parses `a.b.c.d/n`; undefined when malformed. The host bits need not be zero: see `isCanonical`. */
export function parseBlock(text: string): Block | undefined {
  const [address, bitsText, ...rest] = text.split('/');
  if (address === undefined || bitsText === undefined || rest.length > 0 || !/^\d{1,2}$/.test(bitsText))
    return undefined;
  const base = parseAddress(address);
  const bits = Number(bitsText);
  return base === undefined || bits > 32 ? undefined : { base, bits };
}

export function parseAddress(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const octets = match.slice(1).map(Number);
  return octets.some((octet) => octet > 255) ? undefined : octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export const formatAddress = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

/** How many addresses a block holds. */
export const sizeOf = (block: Block): number => 2 ** (32 - block.bits);

const firstOf = (block: Block): number => Math.floor(block.base / sizeOf(block)) * sizeOf(block);

/** Whether the block starts where its prefix says it does: `10.0.1.0/16` doesn't. */
export const isCanonical = (block: Block): boolean => firstOf(block) === block.base;

/** The text of the block with its host bits cleared, as EC2 stores it. */
export const canonical = (block: Block): string => `${formatAddress(firstOf(block))}/${block.bits}`;

export const contains = (outer: Block, inner: Block): boolean =>
  outer.bits <= inner.bits && firstOf(outer) === Math.floor(inner.base / sizeOf(outer)) * sizeOf(outer);

export const overlaps = (one: Block, other: Block): boolean => contains(one, other) || contains(other, one);

/** Whether the address lies in the block; false when either is malformed. */
export function holds(block: string, address: string): boolean {
  const outer = parseBlock(block);
  const base = parseAddress(address);
  return outer !== undefined && base !== undefined && contains(outer, { base, bits: 32 });
}
