/** One request of a customer's: what a rehearsal's customers do, and what a run does once before it says that the service is recovered. */

import { z } from 'zod';
import { urlPath } from './fields.ts';

export const customerWrite = z.strictObject({
  method: z.enum(['PUT', 'POST']).default('PUT').describe('The method.'),
  path: urlPath.describe('The path; `{id}` is replaced.'),
  contentType: z.string().default('application/octet-stream').describe('The content type.'),
  body: z
    .union([
      z.strictObject({
        random: z.int().min(1).max(5_000_000).describe('How many random bytes.'),
        after: z.base64().optional().describe('Fixed bytes before them, in base64. Default: none.'),
      }),
      z.strictObject({ text: z.string().describe('A text, in which `{id}` is replaced.') }),
    ])
    .describe('Random bytes, or a text.'),
  acknowledgedBy: z.int().min(200).max(299).default(201).describe('The status that means the write is safe.'),
});

export const verification = z.strictObject({
  write: customerWrite.describe(
    'A write, sent through the public name once per run. Its `{id}` begins with `pilot-light-`, so that it can be told from customers’.',
  ),
  read: z
    .strictObject({
      path: urlPath.describe('The path; `{id}` is replaced.'),
      contains: z.string().optional().describe('What the answer must hold; `{id}` is replaced. Default: anything.'),
    })
    .optional()
    .describe('How that write is read back: it must answer 200. Default: it isn’t.'),
});
