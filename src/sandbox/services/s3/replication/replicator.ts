/**
 * Cross-Region replication: asynchronous, per version, in the name of the configured role.
 *
 *  1. A version that falls under a rule is PENDING until its copy is made, COMPLETED then, FAILED when the role or the destination
 *     refuses. The copy is a REPLICA: same version id, same time of writing, never replicated on.
 *  2. The source Region's clock drives it: nothing replicates while the source is dark. While the destination can't be reached or
 *     can't answer the version stays PENDING and is tried again.
 *  3. What was due while the source was dark starts over when it returns, with a newly drawn delay: it arrives late, fence or no
 *     fence, and may become current over newer versions (`LateArrival` says where it goes).
 *
 * Sources: S3 User Guide, "Replicating objects", "Getting replication status information", "Setting up permissions".
 */

import type { ReplicationRule } from '@aws-sdk/client-s3';
import type { Principal, SandboxCore, Table } from '../../../contract.ts';
import { codeOf } from '../../../contract.ts';
import { isOutage, isThrottling } from '../../../limits/transient.ts';
import type { RoleSession } from '../../events/role-session.ts';
import { assumeRole } from '../../events/role-session.ts';
import { bucketArn } from '../asks.ts';
import { resolve } from '../encryption.ts';
import type { Inward } from '../inward.ts';
import { encryptAs, forReplication, markerOf, replicaOf, tagsOf } from '../inward.ts';
import type { BucketRecord, ObjectVersion, ReplicationState, Version } from '../records.ts';
import type { Store } from '../store.ts';
import { applies, destinationOf, replicatesModifications, rulesFor } from './rules.ts';

export interface ReplicationTask {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly ruleId: string;
  readonly destination: string;
  readonly kind: 'version' | 'tags';
  readonly size: number;
  readonly since: number;
}

/** How long S3 waits before it tries an unreachable destination again, in AWS milliseconds. Not published; an engineering estimate. */
const retryDelay = 15_000;
/** A role's session is renewed this long before it lapses, in AWS milliseconds. */
const renewal = 300_000;

export class Replicator {
  readonly #core: SandboxCore;
  readonly #store: Store;
  readonly #roles = new Map<string, Pick<RoleSession, 'principal' | 'expires'>>();
  /** How often each Region went dark: a timer that sees the number change slept through it. */
  readonly #outages = new Map<string, number>();

  constructor(core: SandboxCore, store: Store) {
    this.#core = core;
    this.#store = store;
    for (const region of core.regions) {
      for (const task of this.tasks(region).values()) this.#arm(region, task, this.#draw(region, task));
    }
  }

  /** What waits to be replicated out of a Region. */
  tasks(region: string): Table<ReplicationTask> {
    return this.#core.table('s3', region, 'replication-tasks');
  }

  regionDark(region: string): void {
    this.#outages.set(region, (this.#outages.get(region) ?? 0) + 1);
  }

  /** Failures since the last time this was asked, by source bucket and rule: for the metric. */
  readonly failures = new Map<string, number>();

  /** The version as it is to be stored, PENDING where a rule applies; `start` follows once it is stored. */
  mark<V extends Version>(bucket: BucketRecord, key: string, version: V): V {
    const rules = rulesFor(bucket, key, version);
    if (rules.length === 0) return version;
    const states = rules.map((rule): [string, ReplicationState] => [destinationOf(rule), 'PENDING']);
    return { ...version, replication: Object.fromEntries(states) };
  }

  start(bucket: BucketRecord, key: string, version: Version): void {
    for (const rule of rulesFor(bucket, key, version)) this.#enqueue(bucket, key, version, rule, 'version');
  }

  /** Tags changed: they follow the version to where it was copied, from a replica only if its rule says so. */
  retagged(bucket: BucketRecord, key: string, version: ObjectVersion): void {
    for (const rule of bucket.replication?.Rules ?? []) {
      const goes =
        version.replication === 'REPLICA'
          ? replicatesModifications(rule) && applies(rule, key, version)
          : version.replication?.[destinationOf(rule)] !== undefined && applies(rule, key, version);
      if (goes) this.#enqueue(bucket, key, version, rule, 'tags');
    }
  }

  #enqueue(
    bucket: BucketRecord,
    key: string,
    version: Version,
    rule: ReplicationRule,
    kind: ReplicationTask['kind'],
  ): void {
    const task: ReplicationTask = {
      id: this.#core.ids.hex(16),
      bucket: bucket.name,
      key,
      versionId: version.versionId,
      ruleId: rule.ID ?? '',
      destination: destinationOf(rule),
      kind,
      size: version.kind === 'object' && kind === 'version' ? version.size : 0,
      since: this.#core.region(bucket.region).clock.now(),
    };
    this.tasks(bucket.region).put(task.id, task);
    this.#arm(bucket.region, task, this.#draw(bucket.region, task));
  }

  /** Half to one and a half times the modelled time: objects don't arrive in the order they were written. */
  #draw(region: string, task: ReplicationTask): number {
    const time = this.#ruleOf(region, task)?.Destination?.ReplicationTime?.Status === 'Enabled';
    const modelled = this.#core.timing.milliseconds(time ? 's3_crr_rtc_slo' : 's3_crr_small_object');
    return modelled * (0.5 + this.#core.random.next());
  }

  #arm(region: string, task: ReplicationTask, delay: number): void {
    const outages = this.#outages.get(region);
    this.#core.region(region).clock.after(delay, () => {
      if (this.#outages.get(region) !== outages) this.#arm(region, task, this.#draw(region, task));
      else this.#attempt(region, task).catch((error: unknown) => this.#failed(region, task, error));
    });
  }

  async #attempt(region: string, task: ReplicationTask): Promise<void> {
    const source = this.#store.buckets(region).get(task.bucket);
    const version =
      source === undefined
        ? undefined
        : this.#store.versions(source, task.key).find((one) => one.versionId === task.versionId);
    const rule = this.#ruleOf(region, task);
    if (source === undefined || version === undefined || rule === undefined) {
      this.tasks(region).delete(task.id);
      return;
    }
    const destination = this.#store.find(task.destination);
    if (destination !== undefined && !this.#core.network.reachable(region, destination.region)) {
      this.#arm(region, task, retryDelay);
      return;
    }
    if (destination?.versioning !== 'Enabled') throw new Error(`${task.destination} is missing or not versioned`);
    const principal = await this.#role(source, source.replication?.Role ?? '');
    if (task.kind === 'tags') await this.#copyTags(source, destination, task, principal);
    else await this.#copy(source, destination, task, version, rule, principal);
    if (this.tasks(region).delete(task.id)) this.#settle(source, task, 'COMPLETED');
  }

  async #copy(
    source: BucketRecord,
    destination: BucketRecord,
    task: ReplicationTask,
    version: Version,
    rule: ReplicationRule,
    principal: Principal,
  ): Promise<void> {
    if (this.#store.versions(destination, task.key).some((one) => one.versionId === version.versionId)) return;
    const target = { Bucket: destination.name, Key: task.key };
    if (version.kind === 'delete-marker') {
      // A marker has nothing to read but the rule and the bucket it is in.
      const arn = bucketArn(source.name);
      const asks = ['s3:GetReplicationConfiguration', 's3:ListBucket'].map((action) => ({ action, resource: arn }));
      this.#core.ask({ region: source.region, principal }, asks);
      await this.#call(
        destination.region,
        'DeleteObject',
        { ...target, [markerOf]: version },
        principal,
        source.region,
      );
      return;
    }
    await this.#read(source, task, principal);
    const replicaKey = rule.Destination?.EncryptionConfiguration?.ReplicaKmsKeyID;
    const encryption = await resolve(
      this.#core,
      destination.region,
      version.encryption.algorithm === 'aws:kms' && replicaKey !== undefined
        ? { algorithm: 'aws:kms', key: replicaKey, bucketKey: destination.encryption.bucketKey === true }
        : destination.encryption,
    );
    const input = {
      ...target,
      [encryptAs]: encryption,
      [replicaOf]: {
        bucket: { region: source.region, name: source.name },
        version,
        ownerOverride: rule.Destination?.AccessControlTranslation?.Owner === 'Destination',
        ...(rule.Destination?.StorageClass === undefined ? {} : { storageClass: rule.Destination.StorageClass }),
      },
    };
    await this.#call(destination.region, 'PutObject', input, principal, source.region);
  }

  async #copyTags(
    source: BucketRecord,
    destination: BucketRecord,
    task: ReplicationTask,
    principal: Principal,
  ): Promise<void> {
    const there = this.#store.versions(destination, task.key).some((one) => one.versionId === task.versionId);
    const version = this.#store.versions(source, task.key).find((one) => one.versionId === task.versionId);
    if (!there || version?.kind !== 'object') return;
    await this.#read(source, task, principal);
    const tags = Object.entries(version.tags).map(([Key, Value]) => ({ Key, Value }));
    const input = {
      Bucket: destination.name,
      Key: task.key,
      VersionId: task.versionId,
      Tagging: { TagSet: tags },
      [tagsOf]: true as const,
    };
    await this.#call(destination.region, 'PutObjectTagging', input, principal, source.region);
  }

  /** The read the role has to be allowed: the source's version, for replication. */
  async #read(source: BucketRecord, task: ReplicationTask, principal: Principal): Promise<void> {
    const input = { Bucket: source.name, Key: task.key, VersionId: task.versionId, [forReplication]: true as const };
    await this.#call(source.region, 'HeadObject', input, principal, source.region);
  }

  #call(region: string, operation: string, input: object & Inward, principal: Principal, from: string) {
    return this.#core.invoke({ service: 's3', operation, region, input, principal, from });
  }

  /** S3 assumes the configuration's role. Where nobody serves STS (models under test) it acts as itself. */
  async #role({ region, name }: BucketRecord, roleArn: string): Promise<Principal> {
    const key = `${name} ${roleArn}`;
    const now = this.#core.region(region).clock.now();
    const known = this.#roles.get(key);
    if (known !== undefined && known.expires - renewal > now) return known.principal;
    const request = { service: 's3', region, roleArn, sessionName: 's3-replication', sourceArn: bucketArn(name) };
    try {
      const session = await assumeRole(this.#core, request);
      this.#roles.set(key, session);
      return session.principal;
    } catch (error) {
      if (codeOf(error) === 'UnsupportedOperation') return this.#core.as('s3');
      throw error;
    }
  }

  #failed(region: string, task: ReplicationTask, error: unknown): void {
    if (isThrottling(error) || isOutage(error)) {
      this.#arm(region, task, retryDelay);
      return;
    }
    this.#core.log({
      service: 's3',
      region,
      text: `replication of ${task.bucket}/${task.key} (${task.versionId}) to ${task.destination} failed: ${String(error)}`,
    });
    const source = this.#store.buckets(region).get(task.bucket);
    if (!this.tasks(region).delete(task.id) || source === undefined) return;
    const metric = `${task.bucket} ${task.ruleId}`;
    this.failures.set(metric, (this.failures.get(metric) ?? 0) + 1);
    this.#settle(source, task, 'FAILED');
  }

  #settle(source: BucketRecord, task: ReplicationTask, state: ReplicationState): void {
    if (task.kind === 'tags') return;
    this.#store.revise(source, task.key, task.versionId, (version) =>
      version.replication === 'REPLICA'
        ? version
        : { ...version, replication: { ...version.replication, [task.destination]: state } },
    );
  }

  #ruleOf(region: string, task: ReplicationTask): ReplicationRule | undefined {
    const rules = this.#store.buckets(region).get(task.bucket)?.replication?.Rules ?? [];
    return rules.find((rule) => rule.ID === task.ruleId && destinationOf(rule) === task.destination);
  }
}
