/** The application tier, as one or more groups of instances, and its images. */

import { z } from 'zod';
import { urlPath } from './fields.ts';

const capacity = z
  .strictObject({
    min: z.int().min(1).describe('The fewest instances.'),
    desired: z.int().min(1).describe('As many as it starts with.'),
    max: z.int().min(1).describe('The most it may scale to.'),
  })
  .refine(({ min, desired, max }) => min <= desired && desired <= max, {
    error: 'contradicts itself',
    params: { allowed: 'min <= desired <= max' },
  });

const instanceType = z
  .string()
  .regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an instance type like t3.small')
  .describe('An instance type.');

/** Source: Elastic Load Balancing User Guide, "Listener rules": 128 characters, wildcards * and ?. */
const pathPattern = z
  .string()
  .regex(/^\/[\w.$/~"'@:+*?&-]{0,127}$/, 'a path pattern like /api/*, at most 128 characters')
  .describe('A path pattern like `/api/*`.');

export const group = z.strictObject({
  image: z
    .string()
    .regex(/^ami-[0-9a-f]{8,17}$/, 'an image id like ami-0123456789abcdef0')
    .describe('The image of the first instances in the primary Region; afterwards the SSM pointer decides.'),
  instanceTypes: z
    .array(instanceType)
    .min(1)
    .max(40)
    .default(['t3.small'])
    .describe(
      "The instances' types in both Regions, in order of preference: where one has no capacity, the next is taken.",
    ),
  capacity: capacity
    .default({ min: 2, desired: 2, max: 4 })
    .describe('Where the workload is active; on standby the group is empty.'),
  serves: z
    .union([z.enum(['all', 'nothing']), z.array(pathPattern).min(1).max(5)], {
      error: 'all, nothing, or a list of up to five path patterns',
    })
    .default('all')
    .describe(
      'Which requests of the load balancer it serves: `all` that no other group takes (one group must), those of path patterns, or `nothing`: a worker.',
    ),
  port: z.int().min(1).max(65_535).default(8080).describe('The port it listens on, if it serves.'),
  alivePath: urlPath
    .default('/alive')
    .describe(
      'Answers 200 while the process lives, whatever the database does: Auto Scaling replaces instances that fail it.',
    ),
  readyPath: urlPath.default('/ready').describe("Answers 200 only when a customer's write would be accepted."),
  environment: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name: letters, digits and underscores'),
      z.string().regex(/^[^\r\n]*$/, 'one line'),
    )
    .default({})
    .describe(
      'Extra environment of the application, beside what Pilot Light passes (Region, port, parameter path, database name). Instances find all of it in `/etc/pilot-light.env`, written before cloud-final.service ends.',
    ),
  userData: z
    .string()
    .refine((text) => !text.startsWith('#!') || /^#!\/bin\/(ba)?sh\b/.test(text), {
      error: 'no shell script',
      params: { allowed: 'lines of a script for /bin/sh, or for /bin/bash when it begins with #!/bin/bash' },
    })
    .optional()
    .describe(
      'A shell script that an instance runs when it first starts, after `/etc/pilot-light.env` was written. No secrets: whoever may look at the instance can read it. Default: none.',
    ),
});

export const images = z.strictObject({
  everyHours: z.int().min(1).default(24).describe('Hours after which a new image is made.'),
  keep: z.int().min(1).default(3).describe('Images kept of each group in each Region.'),
});
