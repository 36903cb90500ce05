/** What descriptions and lists of secrets have in common. */

import type { SecretRow } from './rows.ts';
import { managedKey } from './vault.ts';

export const summary = (row: SecretRow) => ({
  ARN: row.arn,
  Name: row.name,
  ...(row.description === undefined ? {} : { Description: row.description }),
  ...(row.kmsKeyId === undefined ? {} : { KmsKeyId: row.kmsKeyId }),
  CreatedDate: new Date(row.createdAt),
  LastChangedDate: new Date(row.changedAt),
  ...(row.accessedAt === undefined ? {} : { LastAccessedDate: new Date(row.accessedAt) }),
  ...(row.deletedAt === undefined ? {} : { DeletedDate: new Date(row.deletedAt) }),
  ...(row.primaryRegion === undefined ? {} : { PrimaryRegion: row.primaryRegion }),
  Tags: Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value })),
});

export const replicationStatus = ({ replicas }: SecretRow) =>
  replicas.map(({ region, kmsKeyId, status, message }) => ({
    Region: region,
    KmsKeyId: kmsKeyId ?? managedKey,
    Status: status,
    ...(message === undefined ? {} : { StatusMessage: message }),
  }));
