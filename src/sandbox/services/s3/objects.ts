/** What writers send and readers get: headers, tags, checksums, and the answer that describes a version. */

import type { Tag } from '@aws-sdk/client-s3';
import { AwsError } from '../../contract.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { checksumAlgorithms, isChecksumAlgorithm } from './checksums.ts';
import { wholeSeconds } from './conditions.ts';
import type { Received } from './contents.ts';
import { encryptionOutput } from './encryption.ts';
import { invalidArgument, invalidRequest } from './errors.ts';
import { present } from './members.ts';
import type { BucketRecord, Checksum, ObjectHeaders, ObjectVersion, Version } from './records.ts';

export const headerMembers = [
  'ContentType',
  'ContentEncoding',
  'ContentDisposition',
  'ContentLanguage',
  'CacheControl',
  'Expires',
  'Metadata',
  'StorageClass',
] as const;

export const checksumMembers = checksumAlgorithms.map((name) => `Checksum${name}` as const);

export interface HeaderInput {
  readonly ContentType?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly Expires?: Date | undefined;
  readonly Metadata?: Record<string, string> | undefined;
  readonly StorageClass?: string | undefined;
}

export function headersOf(input: HeaderInput): ObjectHeaders {
  const metadata = Object.fromEntries(
    Object.entries(input.Metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const size = Object.entries(metadata).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);
  if (size > 2048) {
    throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      fields: { Size: size, MaxSizeAllowed: 2048 },
    });
  }
  return present({
    contentType: input.ContentType ?? 'application/octet-stream',
    contentEncoding: withoutChunking(input.ContentEncoding),
    contentDisposition: input.ContentDisposition,
    contentLanguage: input.ContentLanguage,
    cacheControl: input.CacheControl,
    expires: input.Expires?.getTime(),
    metadata,
    storageClass: input.StorageClass ?? 'STANDARD',
  }) as ObjectHeaders;
}

/** `aws-chunked` is how the body travelled, not how the object is encoded. */
function withoutChunking(encoding: string | undefined): string | undefined {
  const kept = encoding?.split(',').filter((one) => one.trim() !== 'aws-chunked');
  return kept === undefined || kept.length === 0 ? undefined : kept.join(',');
}

export function keyOf(key: string | undefined): string {
  if (key === undefined || key === '') throw invalidRequest('Missing required parameter: Key');
  const bytes = Buffer.byteLength(key);
  if (bytes > 1024) {
    throw new AwsError('KeyTooLongError', 'Your key is too long', { fields: { Size: bytes, MaxSizeAllowed: 1024 } });
  }
  return key;
}

/** ACLs are off in every bucket here: only the two that say what holds anyway are taken. */
export function checkAcl(acl: string | undefined): void {
  if (acl === undefined || acl === 'private' || acl === 'bucket-owner-full-control') return;
  throw new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs');
}

export function tagsFromHeader(header: string | undefined): Record<string, string> {
  return checkedTags([...new URLSearchParams(header ?? '')]);
}

/** At most 10 tags on an object, 50 on a bucket. */
export function tagsFromSet(set: readonly Tag[] | undefined, limit = 10): Record<string, string> {
  return checkedTags(
    (set ?? []).map((tag): [string, string] => [tag.Key ?? '', tag.Value ?? '']),
    limit,
  );
}

export const tagSet = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

function checkedTags(pairs: readonly (readonly [string, string])[], limit = 10): Record<string, string> {
  if (pairs.length > limit) throw new AwsError('BadRequest', `Object tags cannot be greater than ${limit}`);
  const tags = Object.fromEntries(pairs);
  if (Object.keys(tags).length < pairs.length) {
    throw new AwsError('InvalidTag', 'Cannot provide multiple Tags with the same key');
  }
  if (pairs.some(([key, value]) => key === '' || key.length > 128 || value.length > 256)) {
    throw new AwsError('InvalidTag', 'The TagKey or TagValue you have provided is invalid');
  }
  return tags;
}

export type ChecksumInput = { readonly [member in (typeof checksumMembers)[number]]?: string | undefined } & {
  readonly ChecksumAlgorithm?: string | undefined;
  readonly ContentMD5?: string | undefined;
};

/** The checksum a writer gives, or asks for without giving it (it came as a trailer). */
export function checksumAsked(input: ChecksumInput): { algorithm: ChecksumAlgorithm; value?: string } | undefined {
  for (const algorithm of checksumAlgorithms) {
    const value = input[`Checksum${algorithm}`];
    if (value !== undefined) return { algorithm, value };
  }
  if (input.ChecksumAlgorithm === undefined) return undefined;
  if (!isChecksumAlgorithm(input.ChecksumAlgorithm)) {
    throw invalidArgument('Invalid checksum algorithm', 'ChecksumAlgorithm', input.ChecksumAlgorithm);
  }
  return { algorithm: input.ChecksumAlgorithm };
}

/** Compares what arrived with what the writer said, and answers the checksum to keep. */
export function verified(received: Received, input: ChecksumInput): Checksum | undefined {
  if (input.ContentMD5 !== undefined && received.digests.MD5.toString('base64') !== input.ContentMD5) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const asked = checksumAsked(input);
  const value = asked === undefined ? undefined : received.digests[asked.algorithm]?.toString('base64');
  if (asked === undefined || value === undefined) return undefined;
  if (asked.value !== undefined && asked.value !== value) {
    throw new AwsError('BadDigest', `The ${asked.algorithm} you specified did not match the calculated checksum.`);
  }
  return { algorithm: asked.algorithm, value, type: 'FULL_OBJECT' };
}

export const checksumOutput = (checksum: Checksum | undefined): Record<string, string> =>
  checksum === undefined ? {} : { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type };

/** The version id as answers show it: buckets that were never versioned have none. */
export const shownVersion = (bucket: BucketRecord, version: Version): string | undefined =>
  bucket.versioning === undefined ? undefined : version.versionId;

export const quoted = (etag: string): string => `"${etag}"`;

/** Headers of GetObject and HeadObject, without the body and its length. */
export function described(bucket: BucketRecord, version: ObjectVersion, withChecksum: boolean) {
  const { headers } = version;
  const tagCount = Object.keys(version.tags).length;
  return present({
    AcceptRanges: 'bytes',
    LastModified: wholeSeconds(version.lastModified),
    ETag: quoted(version.etag),
    VersionId: shownVersion(bucket, version),
    ContentType: headers.contentType,
    ContentEncoding: headers.contentEncoding,
    ContentDisposition: headers.contentDisposition,
    ContentLanguage: headers.contentLanguage,
    CacheControl: headers.cacheControl,
    Expires: headers.expires === undefined ? undefined : new Date(headers.expires),
    Metadata: { ...headers.metadata },
    StorageClass: headers.storageClass === 'STANDARD' ? undefined : headers.storageClass,
    ReplicationStatus: replicationStatus(version),
    TagCount: tagCount === 0 ? undefined : tagCount,
    ...encryptionOutput(version.encryption),
    ...(withChecksum ? checksumOutput(version.checksum) : {}),
  });
}

/** One word for all destinations: FAILED if one failed, PENDING while one is pending. */
function replicationStatus({ replication }: Version): 'REPLICA' | 'PENDING' | 'FAILED' | 'COMPLETED' | undefined {
  if (replication === undefined || replication === 'REPLICA') return replication;
  const states = Object.values(replication);
  if (states.includes('FAILED')) return 'FAILED';
  return states.includes('PENDING') ? 'PENDING' : 'COMPLETED';
}
