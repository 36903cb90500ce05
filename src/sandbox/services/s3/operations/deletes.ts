/** Deleting: a marker where a bucket is versioned, one version for good where it is named. */

import type { DeleteObjectCommandInput, DeleteObjectsCommandInput } from '@aws-sdk/client-s3';
import { messageOf } from '../../../../kernel/errors.ts';
import type { Call } from '../../../contract.ts';
import { AwsError, codeOf, operation } from '../../../contract.ts';
import { objectArn, onObject } from '../asks.ts';
import { commitDelete, discard } from '../commit.ts';
import { checkWrite } from '../conditions.ts';
import type { S3Context } from '../context.ts';
import { malformed } from '../errors.ts';
import { emit } from '../events.ts';
import type { Inward } from '../inward.ts';
import { markerOf } from '../inward.ts';
import { accept, present } from '../members.ts';
import { keyOf } from '../objects.ts';

type DeleteInput = DeleteObjectCommandInput & Inward;
interface Deleted {
  readonly DeleteMarker?: boolean;
  readonly VersionId?: string;
}

export const deletes = (s3: S3Context) => ({
  DeleteObject: operation(
    (input: DeleteInput, call): Deleted => {
      accept('DeleteObject', input, ['VersionId', 'IfMatch'], call.account);
      const bucket = s3.store.bucket(call.region, input.Bucket);
      const key = keyOf(input.Key);
      const marker = input[markerOf];
      if (marker !== undefined) {
        const copy = { ...marker, kind: 'delete-marker' as const, replication: 'REPLICA' as const };
        discard(s3, bucket, s3.store.add(bucket, key, copy, s3.lateArrival));
        return { DeleteMarker: true, VersionId: copy.versionId };
      }
      if (input.IfMatch !== undefined) {
        checkWrite({ IfMatch: input.IfMatch }, key, s3.store.versions(bucket, key)[0]);
      }
      if (input.VersionId !== undefined) return deleteVersion(s3, bucket.name, key, input.VersionId, call);
      const made = commitDelete(s3, call, bucket, key);
      return made === undefined ? {} : { DeleteMarker: true, VersionId: made.versionId };
    },
    (input: DeleteInput) =>
      input[markerOf] === undefined
        ? onObject('DeleteObject', 'DeleteObjectVersion')(input)
        : [{ action: 's3:ReplicateDelete', resource: objectArn(input.Bucket, input.Key) }],
  ),

  /** Each key is judged and deleted by itself, as DeleteObject: what is refused is listed, not thrown. */
  DeleteObjects: operation(
    async (input: DeleteObjectsCommandInput, call) => {
      accept('DeleteObjects', input, ['Delete'], call.account);
      s3.store.bucket(call.region, input.Bucket);
      const objects = input.Delete?.Objects ?? [];
      if (objects.length === 0 || objects.length > 1000) throw malformed('Delete.Objects');
      const results = [];
      for (const object of objects) results.push(await deleteOne(s3, input.Bucket ?? '', object, call));
      const errors = results.flatMap((result) => ('error' in result ? [result.error] : []));
      const deleted = results.flatMap((result) => ('deleted' in result ? [result.deleted] : []));
      return present({
        Deleted: input.Delete?.Quiet === true ? undefined : deleted,
        Errors: errors.length === 0 ? undefined : errors,
      });
    },
    () => [],
  ),
});

function deleteVersion(s3: S3Context, name: string, key: string, versionId: string, call: Call): Deleted {
  const bucket = s3.store.bucket(call.region, name);
  const removed = s3.store.remove(bucket, key, versionId);
  discard(s3, bucket, removed);
  if (removed === undefined) return { VersionId: versionId };
  emit(s3.core, bucket, key, call, {
    type: 'Object Deleted',
    reason: 'DeleteObject',
    deletion: 'Permanently Deleted',
    versionId,
  });
  return { VersionId: versionId, ...(removed.kind === 'delete-marker' ? { DeleteMarker: true } : {}) };
}

async function deleteOne(
  s3: S3Context,
  bucket: string,
  object: { Key?: string | undefined; VersionId?: string | undefined; ETag?: string | undefined },
  call: Call,
) {
  const named = present({ Key: object.Key, VersionId: object.VersionId });
  try {
    const answer = await s3.core.invoke<Deleted>({
      service: 's3',
      operation: 'DeleteObject',
      region: call.region,
      input: { Bucket: bucket, ...named, ...(object.ETag === undefined ? {} : { IfMatch: object.ETag }) },
      principal: call.principal,
      from: call.from,
    });
    const marker = answer.DeleteMarker === true ? { DeleteMarker: true, DeleteMarkerVersionId: answer.VersionId } : {};
    return { deleted: { ...named, ...marker } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { error: { ...named, Code: codeOf(error) ?? 'InternalError', Message: messageOf(error) } };
  }
}
