/** S3's state: the global name space of buckets, each bucket's record in its Region, and the versions of its keys. */

import type { SandboxCore, Table } from '../../contract.ts';
import { globalScope } from '../../contract.ts';
import { elsewhere, methodNotAllowed, noSuchBucket, noSuchKey, noSuchVersion } from './errors.ts';
import type { BucketRecord, KeyRecord, ObjectVersion, UploadRecord, Version } from './records.ts';

/** Where a version that arrives late goes: on top, or where its time of writing puts it. AWS doesn't document which. */
export type LateArrival = 'arrival order' | 'source time';

export class Store {
  readonly #core: SandboxCore;

  constructor(core: SandboxCore) {
    this.#core = core;
  }

  /** Bucket names are global: name to Region and time of creation. */
  get names(): Table<{ readonly region: string; readonly createdAt: number }> {
    return this.#core.table('s3', globalScope, 'bucket-names');
  }

  buckets(region: string): Table<BucketRecord> {
    return this.#core.table('s3', region, 'buckets');
  }

  keys({ region, name }: Pick<BucketRecord, 'region' | 'name'>): Table<KeyRecord> {
    return this.#core.table('s3', region, `keys/${name}`);
  }

  uploads({ region, name }: Pick<BucketRecord, 'region' | 'name'>): Table<UploadRecord> {
    return this.#core.table('s3', region, `uploads/${name}`);
  }

  /** A bucket by name alone, wherever it is. */
  find(name: string): BucketRecord | undefined {
    const known = this.names.get(name);
    return known === undefined ? undefined : this.buckets(known.region).get(name);
  }

  /** The bucket as seen in `region`: throws NoSuchBucket, or says where it is. */
  bucket(region: string, name: string | undefined): BucketRecord {
    const bucket = name === undefined ? undefined : this.find(name);
    if (bucket === undefined) throw noSuchBucket(name ?? '');
    if (bucket.region !== region) throw elsewhere(bucket.name, bucket.region);
    return bucket;
  }

  change(bucket: BucketRecord, change: (record: BucketRecord) => BucketRecord): void {
    this.buckets(bucket.region).update(bucket.name, change);
  }

  versions(bucket: BucketRecord, key: string): readonly Version[] {
    return this.keys(bucket).get(key)?.versions ?? [];
  }

  /** The object a reader asks for. Throws as S3 does for missing keys, missing versions and delete markers. */
  object(bucket: BucketRecord, key: string, versionId?: string): ObjectVersion {
    const versions = this.versions(bucket, key);
    if (versionId === undefined) {
      const current = versions[0];
      if (current === undefined) throw noSuchKey(key);
      if (current.kind === 'delete-marker') throw noSuchKey(key, current);
      return current;
    }
    const version = versions.find((one) => one.versionId === versionId);
    if (version === undefined) throw noSuchVersion(key, versionId);
    if (version.kind === 'delete-marker') throw methodNotAllowed(versionId);
    return version;
  }

  /** Adds a version and answers the null version it replaces, whose content is to be removed. */
  add(bucket: BucketRecord, key: string, version: Version, late: LateArrival = 'arrival order'): Version | undefined {
    const before = this.versions(bucket, key);
    const replaced = version.versionId === 'null' ? before.find((one) => one.versionId === 'null') : undefined;
    const rest = before.filter((one) => one !== replaced);
    const newer = late === 'arrival order' ? 0 : rest.filter((one) => one.lastModified > version.lastModified).length;
    this.keys(bucket).put(key, { key, versions: [...rest.slice(0, newer), version, ...rest.slice(newer)] });
    return replaced;
  }

  /** Changes one version in place: its tags or its replication state. */
  revise(bucket: BucketRecord, key: string, versionId: string, change: (version: Version) => Version): void {
    this.keys(bucket).update(key, (record) => ({
      key,
      versions: record.versions.map((version) => (version.versionId === versionId ? change(version) : version)),
    }));
  }

  /** Removes one version for good and answers it. */
  remove(bucket: BucketRecord, key: string, versionId: string): Version | undefined {
    const before = this.versions(bucket, key);
    const removed = before.find((one) => one.versionId === versionId);
    if (removed === undefined) return undefined;
    const versions = before.filter((one) => one !== removed);
    if (versions.length === 0) this.keys(bucket).delete(key);
    else this.keys(bucket).put(key, { key, versions });
    return removed;
  }
}
