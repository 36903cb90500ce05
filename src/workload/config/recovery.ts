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

export const fence = z.strictObject({
  leaseSeconds: z
    .int()
    .min(75)
    .max(900)
    .default(90)
    .describe(
      'Seconds for which the active side may write after its guard was last heard of: its writers stop when that long nothing renews it, and a failover waits it out while the database promotes. A lost tick of the guard costs 63, so nothing shorter is taken.',
    ),
});

const trigger = z.enum(['automatic', 'approve', 'manual']);
const onReplica = z.enum(['hold', 'proceed']);

export const policy = z
  .union(
    [
      trigger,
      z.strictObject({
        trigger: trigger.default('approve').describe('When the primary Region is dark.'),
        databaseDown: trigger
          .optional()
          .describe("When the primary database is down and its Region isn't. Default: as `trigger`."),
        databaseDownSeconds: z
          .int()
          .min(30)
          .max(3600)
          .optional()
          .describe(
            'How long the database must be down: a Multi-AZ database is given the time to mend itself. Default: 180.',
          ),
        applicationDown: trigger
          .optional()
          .describe(
            'When the application is down or takes no writes, while its database lives. What broke it may stand in both Regions: under `automatic` the default is `approve`, else as `trigger`.',
          ),
        applicationDownSeconds: z
          .int()
          .min(30)
          .max(3600)
          .optional()
          .describe(
            'How long the application must be down: Auto Scaling is given the time to replace it. Default: 300.',
          ),
        replicaBehind: onReplica
          .optional()
          .describe(
            'When the replica is further behind than `objectives.rpoSeconds`: `hold` waits for a person, `proceed` fails over all the same, with the loss quoted. Default: `hold`.',
          ),
        replicaBroken: onReplica
          .optional()
          .describe('The same, when the replica has stopped applying. Default: `hold`.'),
        lockoutMinutes: z
          .int()
          .min(0)
          .max(1440)
          .optional()
          .describe('Minutes after a run in which nothing is failed over without a person. Default: 30.'),
        approvalMinutes: z
          .int()
          .min(2)
          .max(240)
          .optional()
          .describe(
            'Minutes for which a person can approve a failover with the loss they were shown; then they are asked anew, with a fresh quote. Default: 15.',
          ),
        suspicionAfter: z
          .int()
          .min(0)
          .max(20)
          .optional()
          .describe(
            'Failed looks after which steps that can be undone may begin, like scaling out; they are undone when it passes. 0 is never. Default: 1.',
          ),
      }),
    ],
    'automatic, approve, manual, or an object that says it finding by finding',
  )
  .default('approve')
  .describe(
    '`automatic` fails over by itself, `approve` waits for a person, `manual` only warns. An object says it finding by finding.',
  );

const alarms = z
  .array(
    z
      .string()
      .regex(
        /^arn:aws:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.{1,255}$/,
        "an alarm's ARN, like arn:aws:cloudwatch:us-east-1:111122223333:alarm:checkout-errors",
      ),
  )
  .max(20)
  .default([]);

export const watch = z.strictObject({
  intervalSeconds: z.int().min(2).max(30).default(5).describe('Seconds between looks.'),
  probeTimeoutSeconds: z.int().min(1).max(10).default(3).describe('Seconds after which one probe counts as failed.'),
  agreeing: z.int().min(2).max(20).default(3).describe('Looks in a row that must agree.'),
  alarms: alarms.describe(
    "The workload's own CloudWatch alarms, metric or composite, as votes: ARNs, of alarms that ring while customers aren't served. One in the primary Region can only be read while that Region answers; for a word on a dark Region name one in a third Region, like a canary's. None in the recovery Region: it would see no more than the watcher does.",
  ),
  resolvedBy: alarms.describe(
    'Alarms, in the recovery Region or a third one, that must be OK again after a failover before its recovery time is taken: ARNs. Default: the first write through the public name ends it.',
  ),
});

export const control = z.strictObject({
  reserveConcurrency: z
    .boolean()
    .default(true)
    .describe(
      "Whether Pilot Light's functions have invocations of their own, about 40 in the recovery Region, which nothing else in the account can take. Lambda refuses that where fewer than 100 would be left, as in new accounts with a quota of 10: then `false`.",
    ),
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
