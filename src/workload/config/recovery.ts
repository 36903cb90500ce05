/** How the workload is watched and recovered. */

import { z } from 'zod';

export const objectives = z.strictObject({
  rtoSeconds: z
    .int()
    .min(60)
    .default(900)
    .describe('Recovery time objective: seconds from the outage to the first served write.'),
  rpoSeconds: z.int().min(1).default(60).describe('Recovery point objective: seconds of writes that may be lost.'),
});

export const policy = z
  .enum(['automatic', 'approve', 'manual'])
  .default('approve')
  .describe('`automatic` fails over by itself, `approve` waits for a person, `manual` only warns.');

export const watch = z.strictObject({
  intervalSeconds: z.int().min(2).max(30).default(5).describe('Seconds between looks.'),
  probeTimeoutSeconds: z.int().min(1).max(10).default(3).describe('Seconds after which one probe counts as failed.'),
  agreeing: z.int().min(2).max(20).default(3).describe('Looks in a row that must agree.'),
});
