/**
 * What S3 tells itself through the one door. Symbols can't arrive over the wire, so nobody else can say these things; the calls
 * that carry them are still judged by IAM, against the actions AWS asks for (`s3:ReplicateObject`, `kms:GenerateDataKey`).
 */

import type { Encryption, ObjectVersion, Version } from './records.ts';

/** On a write: the encryption it was found to want, its key resolved to an ARN. */
export const encryptAs: unique symbol = Symbol('encryptAs');
/** On HeadObject: this read is for replication. */
export const forReplication: unique symbol = Symbol('forReplication');
/** On PutObject: this is a replica. */
export const replicaOf: unique symbol = Symbol('replicaOf');
/** On DeleteObject: this replicates a delete marker. */
export const markerOf: unique symbol = Symbol('markerOf');
/** On PutObjectTagging: this replicates tags. */
export const tagsOf: unique symbol = Symbol('tagsOf');

export interface ReplicaSource {
  readonly bucket: { readonly region: string; readonly name: string };
  readonly version: ObjectVersion;
  readonly storageClass?: string;
  readonly ownerOverride: boolean;
}

export interface Inward {
  readonly [encryptAs]?: Encryption;
  readonly [forReplication]?: true;
  readonly [replicaOf]?: ReplicaSource;
  readonly [markerOf]?: Pick<Version, 'versionId' | 'lastModified'>;
  readonly [tagsOf]?: true;
}
