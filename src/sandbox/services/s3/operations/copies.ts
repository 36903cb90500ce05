/** CopyObject, within a Region or from another. Copies share their source's file: contents never change. */

import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import type { Ask, Call } from '../../../contract.ts';
import { codeOf, operation } from '../../../contract.ts';
import { objectArn, onKey } from '../asks.ts';
import { commit } from '../commit.ts';
import { checkRead, wholeSeconds } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { checkReadable, encryptionMembers, encryptionOutput } from '../encryption.ts';
import { invalidArgument, invalidRequest, noSuchBucket, preconditionFailed, serviceUnavailable } from '../errors.ts';
import type { Inward } from '../inward.ts';
import { encryptAs } from '../inward.ts';
import { accept, present, required } from '../members.ts';
import {
  checkAcl,
  checksumOutput,
  headerMembers,
  headersOf,
  keyOf,
  quoted,
  shownVersion,
  tagsFromHeader,
} from '../objects.ts';
import type { ObjectVersion } from '../records.ts';
import { withKey } from '../with-key.ts';

type CopyInput = CopyObjectCommandInput & Inward;

const copyMembers = [
  'CopySource',
  'CopySourceIfMatch',
  'CopySourceIfNoneMatch',
  'CopySourceIfModifiedSince',
  'CopySourceIfUnmodifiedSince',
  'ExpectedSourceBucketOwner',
  'MetadataDirective',
  'TaggingDirective',
  'Tagging',
  'IfMatch',
  'IfNoneMatch',
  'ACL',
  ...headerMembers,
  ...encryptionMembers,
];

export const copies = (s3: S3Context) => ({
  CopyObject: operation(
    (input: CopyInput, call) => copy(s3, input, call),
    (input: CopyInput, call) => asks(s3, input, call),
  ),
});

type SourceInput = Pick<
  CopyInput,
  | 'CopySource'
  | 'CopySourceIfMatch'
  | 'CopySourceIfNoneMatch'
  | 'CopySourceIfModifiedSince'
  | 'CopySourceIfUnmodifiedSince'
>;

/** What a copy is made of, once its conditions hold and it can be read. */
export async function originalOf(s3: S3Context, input: SourceInput, call: Call) {
  const source = parseSource(input.CopySource);
  const from = s3.store.find(source.bucket);
  if (from === undefined) throw noSuchBucket(source.bucket);
  if (!s3.core.network.reachable(call.region, from.region)) {
    throw serviceUnavailable('Please reduce your request rate.');
  }
  const original = s3.store.object(from, source.key, source.versionId);
  checkSource(input, original);
  await checkReadable(s3.core, from.region, original.encryption);
  return { source, from, original };
}

/** The question whether a part of an object, or all of it, may be read for a copy. */
export function sourceAsks(CopySource: string | undefined): Ask[] {
  const source = parseSource(CopySource);
  const ofVersion = source.versionId === undefined ? '' : 'Version';
  return [{ action: `s3:GetObject${ofVersion}`, resource: objectArn(source.bucket, source.key) }];
}

function asks(s3: S3Context, input: CopyInput, call: Call): Ask[] {
  const source = parseSource(input.CopySource);
  const from = objectArn(source.bucket, source.key);
  const to = objectArn(input.Bucket, input.Key);
  const bucket = s3.store.find(source.bucket);
  const versions = bucket === undefined ? [] : s3.store.versions(bucket, source.key);
  const version = versions.find((one) => source.versionId === undefined || one.versionId === source.versionId);
  const encryption = version?.kind === 'object' ? version.encryption : undefined;
  const tagged = version?.kind === 'object' && Object.keys(version.tags).length > 0;
  const ofVersion = source.versionId === undefined ? '' : 'Version';
  return [
    { action: `s3:GetObject${ofVersion}`, resource: from },
    ...(tagged && input.TaggingDirective !== 'REPLACE'
      ? [
          { action: `s3:GetObject${ofVersion}Tagging`, resource: from },
          { action: 's3:PutObjectTagging', resource: to },
        ]
      : []),
    { action: 's3:PutObject', resource: to },
    ...(input.Tagging === undefined ? [] : [{ action: 's3:PutObjectTagging', resource: to }]),
    ...onKey('Decrypt', encryption, from, bucket?.region ?? call.region),
    ...onKey('GenerateDataKey', input[encryptAs], to, call.region),
  ];
}

async function copy(s3: S3Context, input: CopyInput, call: Call): Promise<object> {
  accept('CopyObject', input, copyMembers, call.account);
  const name = required(input.Bucket, 'Bucket');
  const bucket = s3.store.bucket(call.region, name);
  const key = keyOf(input.Key);
  checkAcl(input.ACL);
  const { source, from, original } = await originalOf(s3, input, call);
  const replaces = input.MetadataDirective === 'REPLACE';
  const same = from.name === name && source.key === key && source.versionId === undefined;
  if (same && !replaces && input.StorageClass === undefined && input.ServerSideEncryption === undefined) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  return withKey(s3, 'CopyObject', bucket, input, call, async (encryption) => {
    const { bucket: written, version } = commit(s3, call, name, {
      key,
      reason: 'CopyObject',
      conditions: input,
      draft: {
        size: original.size,
        etag: original.etag,
        headers: replaces ? headersOf(input) : { ...original.headers, storageClass: input.StorageClass ?? 'STANDARD' },
        tags: input.TaggingDirective === 'REPLACE' ? tagsFromHeader(input.Tagging) : original.tags,
        encryption,
        ...(original.checksum === undefined ? {} : { checksum: original.checksum }),
      },
      place: (where, content) => s3.contents.link(from, original.content, where, content),
    });
    return present({
      CopyObjectResult: {
        ETag: quoted(version.etag),
        LastModified: wholeSeconds(version.lastModified),
        ...checksumOutput(version.checksum),
      },
      VersionId: shownVersion(written, version),
      CopySourceVersionId: shownVersion(from, original),
      ...encryptionOutput(encryption),
    });
  });
}

/** `bucket/key` or `/bucket/key`, URL-encoded, with an optional `?versionId=`. */
function parseSource(source: string | undefined): { bucket: string; key: string; versionId: string | undefined } {
  const match = /^\/?([^/?]+)\/(.+?)(?:\?versionId=([^&]+))?$/.exec(source ?? '');
  const [, bucket, key, versionId] = match ?? [];
  if (bucket === undefined || key === undefined || bucket.startsWith('arn:')) {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      source,
    );
  }
  return { bucket, key: decoded(key, source), versionId };
}

function decoded(key: string, source: string | undefined): string {
  try {
    return decodeURIComponent(key);
  } catch {
    throw invalidArgument('Invalid copy source encoding', 'x-amz-copy-source', source);
  }
}

/** A copy answers 412 where a read would answer 304: there is nothing to have cached. */
function checkSource(input: SourceInput, original: ObjectVersion): void {
  try {
    checkRead(
      {
        IfMatch: input.CopySourceIfMatch,
        IfNoneMatch: input.CopySourceIfNoneMatch,
        IfModifiedSince: input.CopySourceIfModifiedSince,
        IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
      },
      original,
    );
  } catch (error) {
    throw codeOf(error) === 'NotModified' ? preconditionFailed('x-amz-copy-source-If-*') : error;
  }
}
