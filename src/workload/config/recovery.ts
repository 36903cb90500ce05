/** How the workload is watched and recovered. */

import { z } from 'zod';
import { shortName } from './fields.ts';

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

export const notifications = z.strictObject({
  email: z
    .array(z.email('an e-mail address'))
    .default([])
    .describe('Who is told of alarms and of runs, in both Regions; each confirms by a link AWS sends.'),
  webhooks: z
    .array(shortName)
    .max(5)
    .default([])
    .describe(
      'Names of webhooks that are told as well, as JSON Slack takes. The address of `chat` is a secret: write it as a SecureString `/pilot-light/dev/photos/webhooks/chat/url` in the primary Region, and if messages are to be signed a key as `…/chat/key`; both are copied to the recovery Region.',
    ),
});

/** The periods CloudWatch Logs takes. Source: CloudWatch Logs API, PutRetentionPolicy. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

export const logs = z.strictObject({
  retentionDays: z.literal(retentionDays).default(30).describe("Days that the functions' logs are kept."),
});

export const permissionsBoundary = z
  .string()
  .regex(/^arn:aws:iam::(\d{12}|aws):policy\/[\w+=,.@/-]{1,512}$/, 'the ARN of a managed policy')
  .optional()
  .describe(
    'The managed policy that no role of the workload may exceed, where the account’s owner keeps it. Without it the stacks make one of their own, which `pilot-light permissions` prints.',
  );

/** Tag keys and values as most services take them. Source: AWS General Reference, "Tag naming limits and requirements". */
export const tags = z
  .record(
    z
      .string()
      .regex(
        /^(?!aws:|pilot-light:)[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$/iu,
        'a tag key that begins with neither aws: nor pilot-light:',
      ),
    z.string().regex(/^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u, 'a tag value'),
  )
  .default({})
  .describe('Tags of every resource that takes them.');
