/** Tags of objects and of buckets. */

import type {
  DeleteBucketTaggingCommandInput,
  GetBucketTaggingCommandInput,
  GetObjectTaggingCommandInput,
  PutBucketTaggingCommandInput,
  PutObjectTaggingCommandInput,
} from '@aws-sdk/client-s3';
import { operation } from '../../../contract.ts';
import { objectArn, onBucket, onObject } from '../asks.ts';
import type { S3Context } from '../context.ts';
import { needControlPlane } from '../context.ts';
import { missingConfiguration } from '../errors.ts';
import { emit } from '../events.ts';
import type { Inward } from '../inward.ts';
import { tagsOf } from '../inward.ts';
import { accept, present, without } from '../members.ts';
import { keyOf, shownVersion, tagSet, tagsFromSet } from '../objects.ts';

type PutTagging = PutObjectTaggingCommandInput & Inward;

export const tagging = (s3: S3Context) => ({
  GetObjectTagging: operation(
    (input: GetObjectTaggingCommandInput, call) => {
      accept('GetObjectTagging', input, ['VersionId'], call.account);
      const bucket = s3.store.bucket(call.region, input.Bucket);
      const version = s3.store.object(bucket, keyOf(input.Key), input.VersionId);
      return present({ TagSet: tagSet(version.tags), VersionId: shownVersion(bucket, version) });
    },
    onObject('GetObjectTagging', 'GetObjectVersionTagging'),
  ),

  PutObjectTagging: operation(
    (input: PutTagging, call) => {
      accept('PutObjectTagging', input, ['VersionId', 'Tagging'], call.account);
      const bucket = s3.store.bucket(call.region, input.Bucket);
      const key = keyOf(input.Key);
      const tags = tagsFromSet(input.Tagging?.TagSet);
      const version = s3.store.object(bucket, key, input.VersionId);
      s3.store.revise(bucket, key, version.versionId, (one) => (one.kind === 'object' ? { ...one, tags } : one));
      const versionId = shownVersion(bucket, version);
      if (input[tagsOf] === undefined) {
        s3.replicator.retagged(bucket, key, { ...version, tags });
        emit(s3.core, bucket, key, call, { type: 'Object Tags Added', versionId, etag: version.etag });
      }
      return present({ VersionId: versionId });
    },
    (input: PutTagging) =>
      input[tagsOf] === undefined
        ? onObject('PutObjectTagging', 'PutObjectVersionTagging')(input)
        : [{ action: 's3:ReplicateTags', resource: objectArn(input.Bucket, input.Key) }],
  ),

  GetBucketTagging: operation((input: GetBucketTaggingCommandInput, call) => {
    accept('GetBucketTagging', input, [], call.account);
    const { tags } = s3.store.bucket(call.region, input.Bucket);
    if (tags === undefined) throw missingConfiguration('NoSuchTagSet', 'The TagSet does not exist');
    return { TagSet: tagSet(tags) };
  }, onBucket('GetBucketTagging')),

  PutBucketTagging: operation((input: PutBucketTaggingCommandInput, call) => {
    accept('PutBucketTagging', input, ['Tagging'], call.account);
    const bucket = s3.store.bucket(call.region, input.Bucket);
    needControlPlane(s3, call.region);
    const tags = tagsFromSet(input.Tagging?.TagSet, 50);
    s3.store.change(bucket, (record) => ({ ...record, tags }));
    return {};
  }, onBucket('PutBucketTagging')),

  DeleteBucketTagging: operation((input: DeleteBucketTaggingCommandInput, call) => {
    accept('DeleteBucketTagging', input, [], call.account);
    const bucket = s3.store.bucket(call.region, input.Bucket);
    needControlPlane(s3, call.region);
    s3.store.change(bucket, (record) => without(record, 'tags'));
    return {};
  }, onBucket('PutBucketTagging')),
});
