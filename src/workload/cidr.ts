/** Address blocks of VPCs: what they span, and how they are cut into subnets. */

export interface Network {
  /** The first address, as a number. */
  readonly first: number;
  /** How many addresses it has. */
  readonly size: number;
  /** Bits of the network part: 16 in 10.10.0.0/16. */
  readonly prefix: number;
}

/** Where no block is given. */
export const defaultCidr: Readonly<Record<'primary' | 'recovery', string>> = {
  primary: '10.10.0.0/16',
  recovery: '10.20.0.0/16',
};

/** VPCs may be between /16 and /28 (VPC User Guide, "VPC CIDR blocks"); four subnets with room for load balancers need a /24. */
const widest = 16;
const narrowest = 24;

/** @returns undefined for what is no block, doesn't begin at its first address, or can't be a VPC's. */
export function networkOf(cidr: string): Network | undefined {
  const [, ...parts] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr) ?? [];
  const [a = 256, b = 256, c = 256, d = 256, prefix = 0] = parts.map(Number);
  if ([a, b, c, d].some((byte) => byte > 255) || prefix < widest || prefix > narrowest) return undefined;
  const size = 2 ** (32 - prefix);
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  // Loopback, link-local and multicast blocks are nobody's to route.
  if (a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254)) return undefined;
  return first % size === 0 ? { first, size, prefix } : undefined;
}

export const overlap = (one: Network, other: Network): boolean =>
  one.first < other.first + other.size && other.first < one.first + one.size;

/** Host bits of each of a VPC's four subnets: 256 addresses each, or a quarter of what there is. */
export const subnetBits = ({ prefix }: Network): number => Math.min(8, 32 - prefix - 2);
