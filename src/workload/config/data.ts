/** What holds the workload's data: database, parameters. */

import { z } from 'zod';

const cutovers = ['promote', 'open-early'] as const;

export const database = z.strictObject({
  engine: z.enum(['mysql', 'mariadb']).default('mysql').describe('The engine.'),
  engineVersion: z.string().optional().describe("The engine's version. Default: the one RDS prefers."),
  class: z
    .string()
    .regex(/^db\.[a-z0-9]+\.[a-z0-9-]+$/, 'an instance class like db.t4g.medium')
    .default('db.t4g.medium')
    .describe("The instances' class, in both Regions."),
  storage: z.int().min(20).max(65_536).default(20).describe('GiB.'),
  multiAz: z.boolean().default(true).describe('Multi-AZ where the database is active.'),
  backupRetention: z
    .int()
    .min(1)
    .max(35)
    .default(7)
    .describe('Days of automated backups, on both sides: a replica without them is promoted later.'),
  backupWindow: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'hh:mm-hh:mm in UTC, at least half an hour')
    .default('02:00-02:30')
    .describe('When automated backups are taken (UTC): away from working hours, for a promotion is refused meanwhile.'),
  maintenanceWindow: z
    .string()
    .regex(
      /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/,
      'ddd:hh:mm-ddd:hh:mm in UTC, at least half an hour',
    )
    .default('sun:03:00-sun:03:30')
    .describe('When AWS may maintain the database (UTC); outside the backup window.'),
  cutover: z
    .enum(cutovers)
    .default('promote')
    .describe(
      'How a failover makes the replica take writes. `promote`: it is promoted, which takes minutes. `open-early`, experimental ([its risks](open-early.md)): once the primary can write no more the replica is opened, and promoted beside the customers. Needs a witness Region.',
    ),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,31}$/, 'lower-case letters, digits and underscores, at most 32')
    .default('app')
    .describe('The schema the application uses.'),
});

export const parameters = z.strictObject({
  values: z
    .record(
      z.string().regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, 'a parameter name below the path, like page-size'),
      z.string().min(1),
    )
    .default({})
    .describe(
      'Created with these values when the workload is installed; changed afterwards by their owners, not by a template.',
    ),
  paths: z
    .array(
      z
        .string()
        .regex(/^(\/[A-Za-z0-9_.-]+)+\/$/, 'a path like /shared/photos/, with a slash at both ends')
        .refine((path) => !/^\/(aws|ssm|pilot-light)/i.test(path), {
          error: 'no path of yours',
          params: { allowed: 'a path that begins with none of /aws, /ssm and /pilot-light' },
        }),
    )
    .default([])
    .describe("Other paths whose parameters are copied as well, beside the workload's own (`/dev/photos/`)."),
  reconcileMinutes: z
    .int()
    .min(2)
    .max(1440)
    .default(15)
    .describe('Minutes between full comparisons of both Regions, beside the copying of each change.'),
  exclude: z
    .array(z.string())
    .default([])
    .describe('Names under a path that are bound to one Region and must not be copied.'),
});
