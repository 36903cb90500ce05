/** Making a version: the one place where contents get a name and a row, replication starts and the event leaves. */

import type { Call } from '../../contract.ts';
import type { ReadConditions } from './conditions.ts';
import { checkWrite } from './conditions.ts';
import type { S3Context } from './context.ts';
import { now } from './context.ts';
import { emit } from './events.ts';
import type { BucketRecord, DeleteMarker, ObjectVersion } from './records.ts';

type Draft = Omit<ObjectVersion, 'kind' | 'versionId' | 'lastModified' | 'content' | 'replication'>;

export interface Commit {
  readonly key: string;
  readonly draft: Draft;
  readonly reason: 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';
  readonly conditions?: Pick<ReadConditions, 'IfMatch' | 'IfNoneMatch'>;
  /** Gives the content its name in the bucket. */
  readonly place: (bucket: BucketRecord, content: string) => void;
}

/** Synchronous from the condition to the row: of two conditional writers one wins. */
export function commit(s3: S3Context, call: Call, name: string, { key, draft, reason, conditions, place }: Commit) {
  const bucket = s3.store.bucket(call.region, name);
  checkWrite(conditions ?? {}, key, s3.store.versions(bucket, key)[0]);
  const versionId = bucket.versioning === 'Enabled' ? s3.core.ids.hex(32) : 'null';
  const content = versionId === 'null' ? `null-${s3.core.ids.hex(32)}` : versionId;
  const version = s3.replicator.mark<ObjectVersion>(bucket, key, {
    ...draft,
    kind: 'object',
    versionId,
    content,
    lastModified: now(s3, call.region),
  });
  place(bucket, content);
  discard(s3, bucket, s3.store.add(bucket, key, version));
  s3.replicator.start(bucket, key, version);
  emit(s3.core, bucket, key, call, { type: 'Object Created', reason, version });
  return { bucket, version };
}

/** What a delete without a version does: a marker where there are versions, nothing left where there are none. */
export function commitDelete(s3: S3Context, call: Call, bucket: BucketRecord, key: string): DeleteMarker | undefined {
  if (bucket.versioning === undefined) {
    const removed = s3.store.remove(bucket, key, 'null');
    discard(s3, bucket, removed);
    if (removed !== undefined) {
      emit(s3.core, bucket, key, call, {
        type: 'Object Deleted',
        reason: 'DeleteObject',
        deletion: 'Permanently Deleted',
        versionId: undefined,
      });
    }
    return undefined;
  }
  const versionId = bucket.versioning === 'Enabled' ? s3.core.ids.hex(32) : 'null';
  const marker = s3.replicator.mark<DeleteMarker>(bucket, key, {
    kind: 'delete-marker',
    versionId,
    lastModified: now(s3, call.region),
  });
  discard(s3, bucket, s3.store.add(bucket, key, marker));
  s3.replicator.start(bucket, key, marker);
  emit(s3.core, bucket, key, call, {
    type: 'Object Deleted',
    reason: 'DeleteObject',
    deletion: 'Delete Marker Created',
    versionId,
  });
  return marker;
}

/** Removes the content of a version that is gone. */
export function discard(s3: S3Context, bucket: BucketRecord, version: { kind: string; content?: string } | undefined) {
  if (version?.kind === 'object' && version.content !== undefined) s3.contents.remove(bucket, version.content);
}
