/** The account as S3 names owners: a canonical id that stands for it. */

import { createHash } from 'node:crypto';

export const ownerOf = (account: string): { ID: string } => ({
  ID: createHash('sha256').update(`canonical user ${account}`).digest('hex'),
});
