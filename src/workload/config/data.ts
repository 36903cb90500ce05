/** What holds the workload's data: database, parameters. */

import { z } from 'zod';

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
  exclude: z
    .array(z.string())
    .default([])
    .describe('Names under the path that are bound to one Region and must not be copied.'),
});
