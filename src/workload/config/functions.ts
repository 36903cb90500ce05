/** The workload's Lambda functions. */

import { z } from 'zod';
import { shortName } from './fields.ts';

/** Amazon EventBridge User Guide, "Schedule types": a rate in whole units, singular for one, or six fields of cron. */
const schedule = z
  .string()
  .regex(
    /^(rate\((1 (minute|hour|day)|(?!1 )[1-9]\d* (minutes|hours|days))\)|cron\((\S+ ){5}\S+\))$/,
    'rate(5 minutes) or cron(0 3 * * ? *), as EventBridge takes it',
  );

export const functionConfig = z.strictObject({
  entry: z.string().describe('The module that exports `handler`, relative to the config file.'),
  queue: shortName.optional().describe("The SQS queue that feeds it; the name is the workload's own. Default: none."),
  schedule: schedule.optional().describe('When it runs by the clock. Default: never.'),
  events: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("An EventBridge pattern: matching events of the Region's default bus invoke it. Default: none."),
  objects: z
    .strictObject({
      bucket: shortName.describe("The bucket, by the workload's own name."),
      prefix: z.string().optional().describe('What keys begin with. Default: any.'),
    })
    .optional()
    .describe('Objects created in a bucket invoke it, through EventBridge; replicas as well. Default: none.'),
  timeoutSeconds: z.int().min(1).max(900).default(30).describe('Seconds an invocation may take.'),
  memory: z.int().min(128).max(10_240).default(256).describe('MiB.'),
  maxConcurrency: z
    .int()
    .min(2)
    .max(1000)
    .optional()
    .describe('Invocations at a time from its queue, at most. Default: as many as Lambda gives.'),
  batchSize: z.int().min(1).max(10).default(5).describe('Messages of an invocation at most.'),
});
