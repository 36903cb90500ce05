/** The workload's Lambda functions. */

import { z } from 'zod';
import { shortName } from './fields.ts';

export const functionConfig = z.strictObject({
  entry: z.string().describe('The module that exports `handler`, relative to the config file.'),
  queue: shortName.optional().describe("The SQS queue that feeds it; the name is the workload's own. Default: none."),
  timeoutSeconds: z.int().min(1).max(900).default(30).describe('Seconds an invocation may take.'),
  memory: z.int().min(128).max(10_240).default(256).describe('MiB.'),
  batchSize: z.int().min(1).max(10).default(5).describe('Messages of an invocation at most.'),
});
