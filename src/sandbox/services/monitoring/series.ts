/**
 * Datapoints, aggregated as they come: one bucket a minute for 15 days, and one each 10 s for 3 hours where the publisher asked for
 * high resolution. Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
 */

import type { SandboxCore, Table } from '../../contract.ts';

export type Statistic = 'Average' | 'Sum' | 'Minimum' | 'Maximum' | 'SampleCount';

export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface Bucket {
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly count: number;
  readonly unit: string;
}

export interface Period {
  /** Epoch milliseconds of its start. */
  readonly start: number;
  readonly bucket: Bucket;
}

const resolutions = [
  { seconds: 60, kept: 15 * 86_400_000 },
  { seconds: 10, kept: 3 * 3_600_000 },
] as const;

export class Series {
  readonly #core: SandboxCore;
  readonly #swept = new Map<string, number>();

  constructor(core: SandboxCore) {
    this.#core = core;
  }

  metrics(region: string): Table<MetricName> {
    return this.#core.table('monitoring', region, 'metrics');
  }

  put(region: string, metric: MetricName, at: number, bucket: Bucket, highResolution: boolean): void {
    const id = idOf(metric);
    if (!this.metrics(region).has(id)) this.metrics(region).put(id, metric);
    for (const { seconds } of resolutions) {
      if (seconds === 10 && !highResolution) continue;
      const key = `${id}|${Math.floor(at / (1000 * seconds))}`;
      const buckets = this.#buckets(region, seconds);
      const before = buckets.get(key);
      buckets.put(key, before === undefined ? bucket : merged(before, bucket));
    }
    this.#sweep(region);
  }

  /** The metric's periods between two times that hold data, oldest first; `period` in seconds, a multiple of 10. */
  periods(region: string, metric: MetricName, from: number, to: number, period: number, unit?: string): Period[] {
    const id = idOf(metric);
    if (!this.metrics(region).has(id)) return [];
    const seconds = period % 60 === 0 ? 60 : 10;
    const buckets = this.#buckets(region, seconds);
    const found: Period[] = [];
    for (let start = Math.floor(from / (1000 * period)) * 1000 * period; start < to; start += 1000 * period) {
      let sum: Bucket | undefined;
      for (let index = 0; index < period / seconds; index++) {
        const bucket = buckets.get(`${id}|${start / (1000 * seconds) + index}`);
        if (bucket === undefined || (unit !== undefined && bucket.unit !== unit)) continue;
        sum = sum === undefined ? bucket : merged(sum, bucket);
      }
      if (sum !== undefined) found.push({ start, bucket: sum });
    }
    return found;
  }

  #buckets(region: string, seconds: number): Table<Bucket> {
    return this.#core.table('monitoring', region, `buckets-${seconds}`);
  }

  /** Once an hour of AWS time, lets go what is too old. */
  #sweep(region: string): void {
    const now = this.#core.clock.now();
    if (now - (this.#swept.get(region) ?? now) < 3_600_000) {
      if (!this.#swept.has(region)) this.#swept.set(region, now);
      return;
    }
    this.#swept.set(region, now);
    for (const { seconds, kept } of resolutions) {
      const buckets = this.#buckets(region, seconds);
      const oldest = (now - kept) / (1000 * seconds);
      for (const [key] of buckets.entries())
        if (Number(key.slice(key.lastIndexOf('|') + 1)) < oldest) buckets.delete(key);
    }
  }
}

export const statistics: Record<Statistic, (bucket: Bucket) => number> = {
  Average: ({ sum, count }) => sum / count,
  Sum: ({ sum }) => sum,
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
  SampleCount: ({ count }) => count,
};

export const isStatistic = (name: string): name is Statistic => name in statistics;

export const dimensionRecord = (
  dimensions: readonly { Name?: string | undefined; Value?: string | undefined }[] | undefined,
): Record<string, string> => Object.fromEntries((dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? '']));

export const dimensionList = (dimensions: Readonly<Record<string, string>>): { Name: string; Value: string }[] =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

function idOf({ namespace, name, dimensions }: MetricName): string {
  const pairs = Object.entries(dimensions).map(([key, value]) => `${key}=${value}`);
  return [namespace, name, ...pairs.sort()].join('\n');
}

const merged = (left: Bucket, right: Bucket): Bucket => ({
  sum: left.sum + right.sum,
  minimum: Math.min(left.minimum, right.minimum),
  maximum: Math.max(left.maximum, right.maximum),
  count: left.count + right.count,
  unit: right.unit,
});
