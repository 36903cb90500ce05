/** What a rehearsal needs to know that AWS, and customers, know by themselves. */

import { z } from 'zod';
import { shortName, sqlName, urlPath } from './fields.ts';

/** Where `{id}` stands, a write's own id is put: letters, digits and hyphens, about 20 of them. */
const withId = z.string().regex(/\{id\}/, 'text with {id} where the id of a write belongs');

/** How customers write, and where what they were told is safe can be found again. */
export const customers = z.strictObject({
  write: z
    .strictObject({
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
    })
    .describe("One request, in the public name's root: what a customer does."),
  row: z
    .strictObject({
      table: sqlName.describe('The table.'),
      id: sqlName.describe("The column that holds the write's id."),
      sha256: sqlName
        .optional()
        .describe('The column that holds the hexadecimal SHA-256 of the body. Default: there is none.'),
    })
    .describe("The row an acknowledged write leaves, in the database's own schema."),
  object: z
    .strictObject({
      bucket: shortName.describe("The bucket, by the workload's own name."),
      key: withId.describe('The key.'),
    })
    .optional()
    .describe('The object it leaves. Default: none.'),
});

export const sandbox = z.strictObject({
  images: z
    .record(
      z.string(),
      z.union([
        z.strictObject({ entry: z.string().describe('A module that is bundled and started with Node.') }),
        z.strictObject({
          folder: z.string().describe("A folder that is the instance's working directory."),
          command: z.array(z.string()).min(1).describe('How to start it.'),
        }),
      ]),
    )
    .default({})
    .describe('What an image id holds.'),
  customers: customers.optional().describe('How customers write. Default: none, and then nothing can be rehearsed.'),
});
