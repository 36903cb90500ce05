/**
 * Object events to EventBridge, for buckets that ask for them. Replicas fire them too, in the destination's Region.
 * Shapes: S3 User Guide, "EventBridge event message structure".
 */

import type { Call, SandboxCore } from '../../contract.ts';
import { bucketArn } from './asks.ts';
import type { BucketRecord, ObjectVersion } from './records.ts';

export type ObjectEvent =
  | { type: 'Object Created'; reason: 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload'; version: ObjectVersion }
  | {
      type: 'Object Deleted';
      reason: 'DeleteObject';
      deletion: 'Permanently Deleted' | 'Delete Marker Created';
      versionId: string | undefined;
    }
  | { type: 'Object Tags Added' | 'Object Tags Deleted'; versionId: string | undefined; etag: string };

/** Hands the event over and returns at once: delivery is best effort and never holds up the writer. */
export function emit(core: SandboxCore, bucket: BucketRecord, key: string, call: Call, event: ObjectEvent): void {
  if (!bucket.eventBridge) return;
  const { clock } = core.region(bucket.region);
  const entry = {
    Source: 'aws.s3',
    DetailType: event.type,
    Resources: [bucketArn(bucket.name)],
    Time: new Date(clock.now()),
    Detail: JSON.stringify({
      version: '0',
      bucket: { name: bucket.name },
      object: { key, ...objectDetail(event), sequencer: clock.now().toString(16).toUpperCase().padStart(18, '0') },
      'request-id': call.requestId,
      requester: call.principal.kind === 'internal' ? call.principal.arn : call.principal.account,
      'source-ip-address': '127.0.0.1',
      ...('reason' in event ? { reason: event.reason } : {}),
      ...(event.type === 'Object Deleted' ? { 'deletion-type': event.deletion } : {}),
    }),
  };
  core
    .invoke({
      service: 'events',
      operation: 'PutEvents',
      region: bucket.region,
      input: { Entries: [entry] },
      principal: core.as('s3'),
    })
    .catch((error: unknown) =>
      core.log({ service: 's3', region: bucket.region, text: `${event.type} event of ${key} was lost`, error }),
    );
}

function objectDetail(event: ObjectEvent): Record<string, unknown> {
  if (event.type === 'Object Created') {
    const { size, etag, versionId } = event.version;
    return { size, etag, ...(versionId === 'null' ? {} : { 'version-id': versionId }) };
  }
  const etag = 'etag' in event ? { etag: event.etag } : {};
  return { ...etag, ...(event.versionId === undefined ? {} : { 'version-id': event.versionId }) };
}
