/** What a rehearsal needs to know that AWS, and customers, know by themselves. */

import { z } from 'zod';
import { customerWrite } from './customer.ts';
import { shortName, sqlName } from './fields.ts';

/** Where `{id}` stands, a write's own id is put: letters, digits and hyphens, about 20 of them. */
const withId = z.string().regex(/\{id\}/, 'text with {id} where the id of a write belongs');

/** How customers write, and where what they were told is safe can be found again. */
export const customers = z.strictObject({
  write: customerWrite.describe("One request, in the public name's root: what a customer does."),
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
