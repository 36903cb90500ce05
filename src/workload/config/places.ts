/** Where a workload stands: its two Regions and their networks, its public name. */

import { z } from 'zod';
import { networkOf } from '../cidr.ts';
import { domainName, region } from './fields.ts';

const cidr = z.string().refine((given) => networkOf(given) !== undefined, {
  error: 'no address block of a VPC',
  params: { allowed: 'an IPv4 block from /16 to /24 that begins at its first address, like 10.10.0.0/16' },
});

export const side = z.strictObject({
  region: region.describe('The AWS Region.'),
  cidr: cidr
    .optional()
    .describe(
      "The VPC's address block. Default: `10.10.0.0/16` in the primary Region, `10.20.0.0/16` in the recovery Region.",
    ),
});

export const traffic = z.strictObject({
  zone: domainName.describe('The hosted zone; it is created with the workload.'),
  name: domainName.describe('The public name, in that zone.'),
});
