/**
 * Replication metrics, each minute of AWS time, for rules that ask for them. What is pending and how late it is are published in the
 * destination's Region, so that they can be read with the source dark (the last points stand then: the destination hears nothing
 * new); failures in the source's. Source: S3 User Guide, "Using S3 Replication metrics".
 */

import type { SandboxCore } from '../../../contract.ts';
import { codeOf } from '../../../contract.ts';
import type { BucketRecord } from '../records.ts';
import type { Store } from '../store.ts';
import type { Replicator } from './replicator.ts';
import { destinationOf } from './rules.ts';

const minute = 60_000;

interface Datum {
  readonly MetricName: string;
  readonly Dimensions: readonly { Name: string; Value: string }[];
  readonly Timestamp: Date;
  readonly Value: number;
  readonly Unit: 'Bytes' | 'Count' | 'Seconds';
}

export class ReplicationMetrics {
  readonly #core: SandboxCore;
  readonly #store: Store;
  readonly #replicator: Replicator;
  readonly #running = new Set<string>();

  constructor(core: SandboxCore, store: Store, replicator: Replicator) {
    this.#core = core;
    this.#store = store;
    this.#replicator = replicator;
    for (const region of core.regions) this.watch(region);
  }

  /** Starts the Region's minute when one of its buckets has a rule with metrics, and keeps it going while one has. */
  watch(region: string): void {
    if (this.#running.has(region) || this.#measured(region).length === 0) return;
    this.#running.add(region);
    const { clock } = this.#core.region(region);
    clock.after(minute - (clock.now() % minute), () => {
      this.#running.delete(region);
      this.#publish(region).catch((error: unknown) =>
        this.#core.log({ service: 's3', region, text: 'replication metrics were lost', error }),
      );
      this.watch(region);
    });
  }

  #measured(region: string) {
    return this.#store
      .buckets(region)
      .values()
      .flatMap((bucket) =>
        (bucket.replication?.Rules ?? [])
          .filter((rule) => rule.Destination?.Metrics?.Status === 'Enabled')
          .map((rule) => ({ bucket, ruleId: rule.ID ?? '', destination: this.#store.find(destinationOf(rule)) })),
      );
  }

  async #publish(region: string): Promise<void> {
    const published = new Map<string, Datum[]>();
    const add = (to: string, data: Datum[]) => published.set(to, [...(published.get(to) ?? []), ...data]);
    for (const { bucket, ruleId, destination } of this.#measured(region)) {
      if (destination === undefined) continue;
      const { pending, failed } = this.#data(bucket, ruleId, destination);
      add(destination.region, pending);
      add(region, failed);
    }
    for (const [to, data] of published) {
      if (this.#core.network.reachable(region, to)) await this.#put(to, data);
    }
  }

  #data(bucket: BucketRecord, ruleId: string, destination: BucketRecord): { pending: Datum[]; failed: Datum[] } {
    const now = this.#core.region(bucket.region).clock.now();
    const tasks = this.#replicator
      .tasks(bucket.region)
      .values()
      .filter((task) => task.bucket === bucket.name && task.ruleId === ruleId && task.kind === 'version');
    const oldest = tasks.reduce((least, task) => Math.min(least, task.since), now);
    const failures = this.#replicator.failures.get(`${bucket.name} ${ruleId}`) ?? 0;
    this.#replicator.failures.delete(`${bucket.name} ${ruleId}`);
    const datum = (MetricName: string, Value: number, Unit: Datum['Unit']): Datum => ({
      MetricName,
      Value,
      Unit,
      Timestamp: new Date(now),
      Dimensions: [
        { Name: 'SourceBucket', Value: bucket.name },
        { Name: 'DestinationBucket', Value: destination.name },
        { Name: 'RuleId', Value: ruleId },
      ],
    });
    return {
      pending: [
        datum(
          'BytesPendingReplication',
          tasks.reduce((sum, task) => sum + task.size, 0),
          'Bytes',
        ),
        datum('OperationsPendingReplication', tasks.length, 'Count'),
        datum('ReplicationLatency', (now - oldest) / 1000, 'Seconds'),
      ],
      failed: [datum('OperationsFailedReplication', failures, 'Count')],
    };
  }

  async #put(region: string, data: readonly Datum[]): Promise<void> {
    try {
      await this.#core.invoke({
        service: 'monitoring',
        operation: 'PutMetricData',
        region,
        input: { Namespace: 'AWS/S3', MetricData: data },
        principal: this.#core.as('s3'),
      });
    } catch (error) {
      // Where nobody serves CloudWatch (models under test) there is nothing to publish to.
      if (codeOf(error) !== 'UnsupportedOperation') throw error;
    }
  }
}
