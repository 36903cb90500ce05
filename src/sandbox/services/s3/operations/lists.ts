/** Listing a bucket: current objects (V2 and V1) and all versions. */

import type {
  ListObjectsCommandInput,
  ListObjectsV2CommandInput,
  ListObjectVersionsCommandInput,
} from '@aws-sdk/client-s3';
import type { Ask } from '../../../contract.ts';
import { operation } from '../../../contract.ts';
import { bucketArn } from '../asks.ts';
import { wholeSeconds } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import { afterAll, byteOrder, firstWith, listPage } from '../listing.ts';
import { accept, present } from '../members.ts';
import { quoted } from '../objects.ts';
import { ownerOf } from '../owner.ts';
import type { BucketRecord, ObjectVersion, Version } from '../records.ts';

interface ListInput {
  readonly Bucket?: string | undefined;
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  readonly MaxKeys?: number | undefined;
  readonly EncodingType?: string | undefined;
}

const listMembers = ['Prefix', 'Delimiter', 'MaxKeys', 'EncodingType'];

export const lists = (s3: S3Context) => ({
  ListObjectsV2: operation(
    (input: ListObjectsV2CommandInput, call) => {
      accept('ListObjectsV2', input, [...listMembers, 'ContinuationToken', 'StartAfter', 'FetchOwner'], call.account);
      const bucket = s3.store.bucket(call.region, input.Bucket);
      const after = input.ContinuationToken === undefined ? (input.StartAfter ?? '') : untoken(input.ContinuationToken);
      const { page, common } = currentPage(s3, bucket, input, after);
      const owner = input.FetchOwner === true ? { Owner: ownerOf(call.account) } : {};
      return present({
        ...common,
        Contents: contentsOf(s3, bucket, page.keys, input, owner),
        KeyCount: page.keys.length + page.commonPrefixes.length,
        ContinuationToken: input.ContinuationToken,
        NextContinuationToken: page.next === undefined ? undefined : token(page.next),
        StartAfter: input.StartAfter === undefined ? undefined : encode(input.StartAfter, input),
      });
    },
    (input: ListObjectsV2CommandInput) => asks('ListBucket', input),
  ),

  ListObjects: operation(
    (input: ListObjectsCommandInput, call) => {
      accept('ListObjects', input, [...listMembers, 'Marker'], call.account);
      const bucket = s3.store.bucket(call.region, input.Bucket);
      const { page, common } = currentPage(s3, bucket, input, input.Marker ?? '');
      return present({
        ...common,
        Marker: encode(input.Marker ?? '', input),
        Contents: contentsOf(s3, bucket, page.keys, input, { Owner: ownerOf(call.account) }),
        NextMarker: page.next !== undefined && input.Delimiter !== undefined ? encode(page.next, input) : undefined,
      });
    },
    (input: ListObjectsCommandInput) => asks('ListBucket', input),
  ),

  ListObjectVersions: operation(
    (input: ListObjectVersionsCommandInput, call) => {
      accept('ListObjectVersions', input, [...listMembers, 'KeyMarker', 'VersionIdMarker'], call.account);
      const bucket = s3.store.bucket(call.region, input.Bucket);
      const { entries, prefixes, next } = versionsPage(s3, bucket, input);
      const shared = ({ key, version, latest }: Entry) => ({
        Key: encode(key, input),
        VersionId: version.versionId,
        IsLatest: latest,
        LastModified: wholeSeconds(version.lastModified),
        Owner: ownerOf(call.account),
      });
      return present({
        ...commonOutput(bucket, input, prefixes, next !== undefined),
        KeyMarker: encode(input.KeyMarker ?? '', input),
        VersionIdMarker: input.VersionIdMarker ?? '',
        NextKeyMarker: next === undefined ? undefined : encode(next.key, input),
        NextVersionIdMarker: next?.versionId,
        Versions: entries.flatMap((entry) =>
          entry.version.kind === 'object' ? [{ ...shared(entry), ...objectSummary(entry.version) }] : [],
        ),
        DeleteMarkers: entries.flatMap((entry) => (entry.version.kind === 'delete-marker' ? [shared(entry)] : [])),
      });
    },
    (input: ListObjectVersionsCommandInput) => asks('ListBucketVersions', input),
  ),
});

function asks(action: string, input: ListInput): Ask[] {
  const context = {
    's3:prefix': input.Prefix ?? '',
    ...(input.Delimiter === undefined ? {} : { 's3:delimiter': input.Delimiter }),
    ...(input.MaxKeys === undefined ? {} : { 's3:max-keys': String(input.MaxKeys) }),
  };
  return [{ action: `s3:${action}`, resource: bucketArn(input.Bucket), context }];
}

function currentPage(s3: S3Context, bucket: BucketRecord, input: ListInput, after: string) {
  const keys = s3.store.keys(bucket);
  const page = listPage(
    keys.sortedKeys(byteOrder),
    { prefix: input.Prefix ?? '', delimiter: input.Delimiter, after, limit: limitOf(input) },
    (key) => keys.get(key)?.versions[0]?.kind === 'object',
  );
  return { page, common: commonOutput(bucket, input, page.commonPrefixes, page.next !== undefined) };
}

const commonOutput = (bucket: BucketRecord, input: ListInput, prefixes: readonly string[], truncated: boolean) => ({
  Name: bucket.name,
  Prefix: encode(input.Prefix ?? '', input),
  Delimiter: input.Delimiter === undefined ? undefined : encode(input.Delimiter, input),
  MaxKeys: limitOf(input),
  EncodingType: input.EncodingType,
  IsTruncated: truncated,
  CommonPrefixes: prefixes.length === 0 ? undefined : prefixes.map((prefix) => ({ Prefix: encode(prefix, input) })),
});

function contentsOf(s3: S3Context, bucket: BucketRecord, keys: readonly string[], input: ListInput, owner: object) {
  if (keys.length === 0) return undefined;
  return keys.flatMap((key) => {
    const version = s3.store.versions(bucket, key)[0];
    if (version?.kind !== 'object') return [];
    const LastModified = wholeSeconds(version.lastModified);
    return [{ Key: encode(key, input), LastModified, ...objectSummary(version), ...owner }];
  });
}

const objectSummary = (version: ObjectVersion) => ({
  ETag: quoted(version.etag),
  Size: version.size,
  StorageClass: version.headers.storageClass,
  ...(version.checksum === undefined
    ? {}
    : { ChecksumAlgorithm: [version.checksum.algorithm], ChecksumType: version.checksum.type }),
});

interface Entry {
  readonly key: string;
  readonly version: Version;
  readonly latest: boolean;
}

/** Keys in byte order, each with its versions newest first; a common prefix counts as one entry. */
function versionsPage(s3: S3Context, bucket: BucketRecord, input: ListObjectVersionsCommandInput) {
  const {
    KeyMarker: keyMarker = '',
    VersionIdMarker: versionMarker,
    Prefix: prefix = '',
    Delimiter: delimiter,
  } = input;
  if (versionMarker !== undefined && versionMarker !== '' && keyMarker === '') {
    throw invalidArgument(
      'A version-id marker cannot be specified without a key marker.',
      'version-id-marker',
      versionMarker,
    );
  }
  const limit = limitOf(input);
  const keys = s3.store.keys(bucket).sortedKeys(byteOrder);
  const entries: Entry[] = [];
  const prefixes: string[] = [];
  let last: { key: string; versionId?: string } | undefined;
  for (let at = firstWith(keys, prefix, keyMarker); keys[at]?.startsWith(prefix) === true; at++) {
    const key = keys[at] ?? '';
    const cut = delimiter === undefined || delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const rolled = cut < 0 ? undefined : key.slice(0, cut + (delimiter ?? '').length);
    if (rolled !== undefined) {
      if (rolled !== keyMarker) {
        if (entries.length + prefixes.length >= limit) return { entries, prefixes, next: last };
        prefixes.push(rolled);
        last = { key: rolled };
      }
      at = afterAll(keys, rolled, at) - 1;
      continue;
    }
    for (const { version, latest } of versionsAfter(s3.store.versions(bucket, key), key, keyMarker, versionMarker)) {
      if (entries.length + prefixes.length >= limit) return { entries, prefixes, next: last };
      entries.push({ key, version, latest });
      last = { key, versionId: version.versionId };
    }
  }
  return { entries, prefixes, next: undefined };
}

function versionsAfter(
  versions: readonly Version[],
  key: string,
  keyMarker: string,
  versionMarker: string | undefined,
) {
  const all = versions.map((version, index) => ({ version, latest: index === 0 }));
  if (key !== keyMarker) return all;
  if (versionMarker === undefined || versionMarker === '') return [];
  return all.slice(versions.findIndex((one) => one.versionId === versionMarker) + 1);
}

function limitOf(input: ListInput): number {
  const limit = input.MaxKeys ?? 1000;
  if (limit < 0)
    throw invalidArgument('Argument maxKeys must be an integer between 0 and 2147483647', 'maxKeys', limit);
  return Math.min(limit, 1000);
}

const encode = (text: string, input: ListInput): string =>
  input.EncodingType === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text;

const token = (after: string): string => Buffer.from(after).toString('base64url');
const untoken = (text: string): string => Buffer.from(text, 'base64url').toString();
