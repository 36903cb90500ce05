/** Writing objects: PutObject, by clients and by replication. */

import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { Ask, Call } from '../../../contract.ts';
import { operation } from '../../../contract.ts';
import { objectArn, onKey, onObject } from '../asks.ts';
import { commit, discard } from '../commit.ts';
import { checkWrite } from '../conditions.ts';
import type { Body } from '../contents.ts';
import type { S3Context } from '../context.ts';
import { encryptionMembers, encryptionOutput } from '../encryption.ts';
import { invalidRequest } from '../errors.ts';
import { emit } from '../events.ts';
import type { Inward, ReplicaSource } from '../inward.ts';
import { encryptAs, replicaOf } from '../inward.ts';
import { accept, present, required } from '../members.ts';
import {
  checkAcl,
  checksumAsked,
  checksumMembers,
  checksumOutput,
  headerMembers,
  headersOf,
  keyOf,
  quoted,
  shownVersion,
  tagsFromHeader,
  verified,
} from '../objects.ts';
import type { ObjectVersion } from '../records.ts';
import { withKey } from '../with-key.ts';

type PutInput = PutObjectCommandInput & Inward;

export const writes = (s3: S3Context) => ({
  PutObject: operation(
    (input: PutInput, call) => {
      const source = input[replicaOf];
      return source === undefined ? put(s3, input, call) : putReplica(s3, input, source, call);
    },
    (input: PutInput, call) => asks(input, call),
  ),
});

function asks(input: PutInput, call: Call): Ask[] {
  const object = objectArn(input.Bucket, input.Key);
  const source = input[replicaOf];
  if (source !== undefined) {
    const actions = ['ReplicateObject'];
    if (Object.keys(source.version.tags).length > 0) actions.push('ReplicateTags');
    if (source.ownerOverride) actions.push('ObjectOwnerOverrideToBucketOwner');
    return [
      ...actions.map((action) => ({ action: `s3:${action}`, resource: object })),
      ...onKey('Encrypt', input[encryptAs], object, call.region),
    ];
  }
  const encryption = present({
    's3:x-amz-server-side-encryption': input.ServerSideEncryption,
    's3:x-amz-server-side-encryption-aws-kms-key-id': input.SSEKMSKeyId,
    's3:x-amz-storage-class': input.StorageClass,
    's3:x-amz-acl': input.ACL,
  }) as Record<string, string>;
  return [
    ...onObject('PutObject')({ Bucket: input.Bucket, Key: input.Key }).map((ask) => ({ ...ask, context: encryption })),
    ...(input.Tagging === undefined ? [] : [{ action: 's3:PutObjectTagging', resource: object }]),
    ...onKey('GenerateDataKey', input[encryptAs], object, call.region),
  ];
}

const putMembers = [
  'Body',
  'ContentLength',
  'Tagging',
  'IfMatch',
  'IfNoneMatch',
  'ACL',
  ...headerMembers,
  ...encryptionMembers,
  ...checksumMembers,
];

async function put(s3: S3Context, input: PutInput, call: Call): Promise<object> {
  accept('PutObject', input, putMembers, call.account);
  const name = required(input.Bucket, 'Bucket');
  const bucket = s3.store.bucket(call.region, name);
  const key = keyOf(input.Key);
  checkAcl(input.ACL);
  const headers = headersOf(input);
  const tags = tagsFromHeader(input.Tagging);
  // Asked twice: before a long upload, and again when it is committed.
  checkWrite(input, key, s3.store.versions(bucket, key)[0]);
  return withKey(s3, 'PutObject', bucket, input, call, async (encryption) => {
    const asked = checksumAsked(input);
    const received = await s3.contents.receive(
      input.Body as Body,
      call.region,
      asked === undefined ? [] : [asked.algorithm],
    );
    try {
      const checksum = verified(received, input);
      const { bucket: written, version } = commit(s3, call, name, {
        key,
        reason: 'PutObject',
        conditions: input,
        draft: {
          size: received.size,
          etag: received.digests.MD5.toString('hex'),
          headers,
          tags,
          encryption,
          ...(checksum === undefined ? {} : { checksum }),
        },
        place: (where, content) => s3.contents.keep(received, where, content),
      });
      return present({
        ETag: quoted(version.etag),
        VersionId: shownVersion(written, version),
        ...encryptionOutput(encryption),
        ...checksumOutput(checksum),
      });
    } catch (error) {
      s3.contents.discard(received);
      throw error;
    }
  });
}

/** The replica shares the source's file: contents never change. */
function putReplica(s3: S3Context, input: PutInput, source: ReplicaSource, call: Call): object {
  const bucket = s3.store.bucket(call.region, input.Bucket);
  const key = keyOf(input.Key);
  const encryption = input[encryptAs];
  if (encryption === undefined) throw invalidRequest('A replica comes with its encryption.');
  const { version: original } = source;
  const version: ObjectVersion = {
    ...original,
    encryption,
    replication: 'REPLICA',
    headers: { ...original.headers, storageClass: source.storageClass ?? original.headers.storageClass },
  };
  s3.contents.link(source.bucket, original.content, bucket, version.content);
  discard(s3, bucket, s3.store.add(bucket, key, version, s3.lateArrival));
  emit(s3.core, bucket, key, call, { type: 'Object Created', reason: 'PutObject', version });
  return { ETag: quoted(version.etag), VersionId: version.versionId };
}
