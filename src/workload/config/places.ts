/** Where a workload stands: its two Regions and their networks, its public name. */

import { z } from 'zod';
import { networkOf } from '../cidr.ts';
import { domainName, region } from './fields.ts';

const cidr = z.string().refine((given) => networkOf(given) !== undefined, {
  error: 'no address block of a VPC',
  params: { allowed: 'an IPv4 block from /16 to /24 that begins at its first address, like 10.10.0.0/16' },
});

const subnets = (kind: string) =>
  z
    .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'a subnet id like subnet-0123456789abcdef0'))
    .min(2)
    .max(6)
    .describe(`${kind}, in two or more Availability Zones.`);

const network = z.strictObject({
  vpc: z
    .string()
    .regex(/^vpc-[0-9a-f]{8,17}$/, 'a VPC id like vpc-0123456789abcdef0')
    .describe('The VPC, with DNS support and DNS host names on.'),
  publicSubnets: subnets('Subnets with a route to an internet gateway, for the load balancer'),
  privateSubnets: subnets('Subnets for instances, database and functions'),
  endpoints: z
    .boolean()
    .default(false)
    .describe(
      'Whether to make the interface endpoints the private side needs (SSM, SQS, Secrets Manager, KMS); without them its subnets need another way to AWS. S3 is reached by a gateway endpoint of your own, which belongs to your route tables.',
    ),
});

export const side = z
  .strictObject({
    region: region.describe('The AWS Region.'),
    cidr: cidr
      .optional()
      .describe(
        "The new VPC's address block. Default: `10.10.0.0/16` in the primary Region, `10.20.0.0/16` in the recovery Region.",
      ),
    network: network.optional().describe('An existing VPC to stand in. Default: one is made.'),
  })
  .refine(({ cidr: block, network: existing }) => block === undefined || existing === undefined, {
    error: 'both a block for a new VPC and an existing VPC',
    params: { allowed: 'one of cidr and network' },
  });

export const witness = z
  .strictObject({
    region: region.describe('The AWS Region: with the other two, one of the sets DynamoDB keeps strongly consistent.'),
  })
  .describe('A third Region, in which the state survives the loss of any one. Default: none.');

const certificate = z
  .string()
  .regex(
    /^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/,
    "a certificate's ARN, like arn:aws:acm:us-east-1:111122223333:certificate/…",
  );

export const latches = ['alarm', 'accelerator', 'none'] as const;

export const traffic = z.strictObject({
  latch: z
    .enum(latches)
    .default('alarm')
    .describe(
      "What decides which Region customers reach. `alarm`: the public name's record follows an alarm in the recovery Region. `accelerator`: the public name leads to a Global Accelerator, whose dials are turned: no waiting for DNS, for some $18 a month. `none`: customers are led by you; a failover ends when the recovery load balancer answers, and a rehearsal, which needs somebody who leads customers, isn't to be had.",
    ),
  zone: domainName.optional().describe('The hosted zone. Needed unless the latch is `none`.'),
  zoneId: z
    .string()
    .regex(/^Z[A-Z0-9]{1,31}$/, 'a hosted zone id like Z0123456789ABCDEFGHIJ')
    .optional()
    .describe("The hosted zone's id, if it exists already. Default: the zone is created with the workload."),
  name: domainName
    .optional()
    .describe('The public name, in that zone. Needed unless the latch is `none`: then it is only looked at, if given.'),
  certificates: z
    .strictObject({
      primary: certificate.describe('In the primary Region.'),
      recovery: certificate.describe('In the recovery Region.'),
    })
    .optional()
    .describe(
      'ACM certificates of the public name. With them customers are served by HTTPS and plain HTTP is redirected. Default: HTTP only.',
    ),
});
