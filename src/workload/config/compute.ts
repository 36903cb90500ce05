/** The application tier and its images. */

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

export const compute = z.strictObject({
  image: z
    .string()
    .regex(/^ami-[0-9a-f]{8,17}$/, 'an image id like ami-0123456789abcdef0')
    .describe('The image of the first instances in the primary Region; afterwards the SSM pointer decides.'),
  instanceType: z
    .string()
    .regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an instance type like t3.small')
    .default('t3.small')
    .describe("The instances' type, in both Regions."),
  capacity: capacity
    .default({ min: 2, desired: 2, max: 4 })
    .describe('Where the workload is active; on standby the group is empty.'),
  port: z.int().min(1).max(65_535).default(8080).describe('The port the application listens on.'),
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
});

export const images = z.strictObject({
  everyHours: z.int().min(1).default(24).describe('Hours after which a new image is made.'),
  keep: z.int().min(1).default(3).describe('Images kept in each Region.'),
});
