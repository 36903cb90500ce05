/** Reading objects: GetObject and HeadObject, by version, range and condition. */

import type { GetObjectCommandInput, HeadObjectCommandInput } from '@aws-sdk/client-s3';
import type { Ask, Call } from '../../../contract.ts';
import { codeOf, operation, sameCaller } from '../../../contract.ts';
import { bucketArn, objectArn, onKey, onObject } from '../asks.ts';
import { checkRead, rangeOf } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { checkReadable } from '../encryption.ts';
import { notFound } from '../errors.ts';
import type { Inward } from '../inward.ts';
import { forReplication } from '../inward.ts';
import { accept, present } from '../members.ts';
import { described, keyOf } from '../objects.ts';
import type { BucketRecord, ObjectVersion } from '../records.ts';

const readMembers = [
  'VersionId',
  'IfMatch',
  'IfNoneMatch',
  'IfModifiedSince',
  'IfUnmodifiedSince',
  'Range',
  'ChecksumMode',
  'ResponseCacheControl',
  'ResponseContentDisposition',
  'ResponseContentEncoding',
  'ResponseContentLanguage',
  'ResponseContentType',
  'ResponseExpires',
];

type ReadInput = (GetObjectCommandInput | HeadObjectCommandInput) & Inward;

export const reads = (s3: S3Context) => ({
  GetObject: operation(
    async (input: GetObjectCommandInput & Inward, call) => {
      accept('GetObject', input, readMembers, call.account);
      const { bucket, version, headers, range } = await read(s3, input, call);
      return { ...headers, Body: await s3.contents.read(bucket, version.content, range) };
    },
    (input: GetObjectCommandInput & Inward, call) => asks(s3, input, call),
  ),

  HeadObject: operation(
    async (input: HeadObjectCommandInput & Inward, call) => {
      accept('HeadObject', input, readMembers, call.account);
      try {
        return (await read(s3, input, call)).headers;
      } catch (error) {
        throw ['NoSuchKey', 'NoSuchBucket', 'NoSuchVersion'].includes(codeOf(error) ?? '') ? notFound() : error;
      }
    },
    (input: HeadObjectCommandInput & Inward, call) => asks(s3, input, call),
  ),
});

function asks(s3: S3Context, input: ReadInput, call: Call): Ask[] {
  const object = objectArn(input.Bucket, input.Key);
  const encryption = found(s3, input)?.encryption;
  const key = onKey('Decrypt', encryption, object, call.region);
  if (input[forReplication] === undefined) return [...onObject('GetObject', 'GetObjectVersion')(input), ...key];
  const bucket = bucketArn(input.Bucket);
  return [
    { action: 's3:GetReplicationConfiguration', resource: bucket },
    { action: 's3:ListBucket', resource: bucket },
    ...['GetObjectVersionForReplication', 'GetObjectVersionAcl', 'GetObjectVersionTagging'].map((action) => ({
      action: `s3:${action}`,
      resource: object,
    })),
    ...key,
  ];
}

function found(s3: S3Context, input: ReadInput): ObjectVersion | undefined {
  const bucket = s3.store.find(input.Bucket ?? '');
  const versions = bucket === undefined ? [] : s3.store.versions(bucket, input.Key ?? '');
  const version =
    input.VersionId === undefined ? versions[0] : versions.find((one) => one.versionId === input.VersionId);
  return version?.kind === 'object' ? version : undefined;
}

async function read(s3: S3Context, input: ReadInput, call: Call) {
  const bucket = s3.store.bucket(call.region, input.Bucket);
  const version = await object(s3, bucket, input, call);
  checkRead(input, version);
  if (input[forReplication] === undefined) await checkReadable(s3.core, call.region, version.encryption);
  const range = rangeOf(input.Range, version.size);
  // A checksum of the whole object would fail a client that got a part of it.
  const headers = present({
    ...described(bucket, version, input.ChecksumMode === 'ENABLED' && range === undefined),
    ...overrides(input),
    ContentLength: range === undefined ? version.size : range.end - range.start + 1,
    ContentRange: range === undefined ? undefined : `bytes ${range.start}-${range.end}/${version.size}`,
  });
  return { bucket, version, range, headers };
}

/** Whoever may not list the bucket isn't told what it doesn't hold. */
async function object(s3: S3Context, bucket: BucketRecord, input: ReadInput, call: Call): Promise<ObjectVersion> {
  try {
    return s3.store.object(bucket, keyOf(input.Key), input.VersionId);
  } catch (error) {
    if (codeOf(error) === 'NoSuchKey') {
      await s3.core.invoke({
        service: 's3',
        operation: 'HeadBucket',
        region: call.region,
        input: { Bucket: bucket.name },
        ...sameCaller(call),
      });
    }
    throw error;
  }
}

const overrides = (input: ReadInput) =>
  present({
    ...(input.ResponseCacheControl === undefined ? {} : { CacheControl: input.ResponseCacheControl }),
    ...(input.ResponseContentDisposition === undefined ? {} : { ContentDisposition: input.ResponseContentDisposition }),
    ...(input.ResponseContentEncoding === undefined ? {} : { ContentEncoding: input.ResponseContentEncoding }),
    ...(input.ResponseContentLanguage === undefined ? {} : { ContentLanguage: input.ResponseContentLanguage }),
    ...(input.ResponseContentType === undefined ? {} : { ContentType: input.ResponseContentType }),
    ...(input.ResponseExpires === undefined ? {} : { Expires: input.ResponseExpires }),
  });
