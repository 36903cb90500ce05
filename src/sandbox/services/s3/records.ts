/** What S3 keeps in tables: plain JSON, times in milliseconds since the epoch. Contents are files (`contents.ts`). */

import type {
  BucketLifecycleConfiguration,
  PublicAccessBlockConfiguration,
  ReplicationConfiguration,
} from '@aws-sdk/client-s3';
import type { ChecksumAlgorithm } from './checksums.ts';

type Versioning = 'Enabled' | 'Suspended';
type Ownership = 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';

export interface BucketRecord {
  readonly name: string;
  readonly region: string;
  readonly createdAt: number;
  readonly versioning?: Versioning;
  readonly encryption: DefaultEncryption;
  readonly replication?: ReplicationConfiguration;
  readonly policy?: string;
  readonly publicAccessBlock?: PublicAccessBlockConfiguration;
  readonly lifecycle?: BucketLifecycleConfiguration & { transitionDefaultMinimumObjectSize: string };
  /** Whether object events go to EventBridge. */
  readonly eventBridge: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  readonly ownership?: Ownership;
}

/** What an object gets when its writer asks for nothing. `key` is as it was configured: an id, an ARN or an alias. */
export interface DefaultEncryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  readonly key?: string;
  readonly bucketKey?: boolean;
}

/** How an object is encrypted. `key` is a key's ARN; `managed` says it is AWS's own, which IAM isn't asked about. */
export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  readonly key?: string;
  readonly managed?: boolean;
  readonly bucketKey?: boolean;
}

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; a composite one ends in `-<number of parts>`. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** Headers a writer sets and a reader gets back. */
export interface ObjectHeaders {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
  readonly cacheControl?: string;
  readonly expires?: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly storageClass: string;
}

export type ReplicationState = 'PENDING' | 'COMPLETED' | 'FAILED';

interface VersionBase {
  /** `null` is the version of a bucket that wasn't versioned when it was written. */
  readonly versionId: string;
  readonly lastModified: number;
  /** State by destination bucket, or `REPLICA` on a copy made by replication. */
  readonly replication?: Readonly<Record<string, ReplicationState>> | 'REPLICA';
}

export interface ObjectVersion extends VersionBase {
  readonly kind: 'object';
  /** The name of its file under the bucket's folder. */
  readonly content: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly headers: ObjectHeaders;
  readonly encryption: Encryption;
  readonly checksum?: Checksum;
  readonly tags: Readonly<Record<string, string>>;
  readonly parts?: number;
}

export interface DeleteMarker extends VersionBase {
  readonly kind: 'delete-marker';
}

export type Version = ObjectVersion | DeleteMarker;

/** All versions of one key; the first is the current one. */
export interface KeyRecord {
  readonly key: string;
  readonly versions: readonly Version[];
}

export interface PartRecord {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  readonly checksum?: string;
  readonly lastModified: number;
}

export interface UploadRecord {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAt: number;
  readonly headers: ObjectHeaders;
  readonly encryption: Encryption;
  readonly tags: Readonly<Record<string, string>>;
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly checksumType?: 'FULL_OBJECT' | 'COMPOSITE';
  readonly parts: readonly PartRecord[];
}
