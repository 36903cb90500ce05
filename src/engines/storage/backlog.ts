/**
 * What of a bucket is still on its way, from the metrics S3 publishes each minute in the Region it is going to: they can be read with
 * the source dark. Source: S3 User Guide, "Monitoring replication with metrics".
 */

import type { MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { Clients } from '../../aws/clients.ts';

export interface ReplicationPath {
  readonly source: string;
  readonly destination: string;
  readonly rule: string;
}

/** The latest of each metric. `at` is the beginning of their minute, epoch milliseconds: what came later may not be in them. */
export interface Backlog {
  readonly at: number;
  readonly operations: number;
  readonly bytes: number;
  /** Seconds by which the destination was behind. */
  readonly latencySeconds: number;
}

const metrics = ['OperationsPendingReplication', 'BytesPendingReplication', 'ReplicationLatency'] as const;
const minute = 60_000;
/** How far back is looked: a Region may have been dark for long. */
const lookBack = 6 * 60 * minute;

/** By the order of `paths`; undefined where nothing was published. `clients` are those of the destination's Region. */
export async function backlogs(
  clients: Clients,
  paths: readonly ReplicationPath[],
  now: number,
): Promise<readonly (Backlog | undefined)[]> {
  if (paths.length === 0) return [];
  const { paginateGetMetricData } = await import('@aws-sdk/client-cloudwatch');
  const client = await clients.cloudWatch();
  const found = new Map<string, MetricDataResult>();
  const asked = {
    MetricDataQueries: paths.flatMap((path, index) => metrics.map((metric) => query(path, index, metric))),
    // Whole minutes, the one under way included.
    StartTime: new Date(now - lookBack),
    EndTime: new Date(now + minute),
    ScanBy: 'TimestampDescending' as const,
  };
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, asked)) {
    for (const result of MetricDataResults) {
      const id = result.Id ?? '';
      // Pages go back in time: the first one with a value has the latest.
      if ((found.get(id)?.Values?.length ?? 0) === 0) found.set(id, result);
    }
  }
  return paths.map((_, index) => backlogOf(metrics.map((metric) => latestOf(found.get(idOf(index, metric))))));
}

const idOf = (index: number, metric: string): string => `m${index}_${metric}`;

function query(
  { source, destination, rule }: ReplicationPath,
  index: number,
  metric: (typeof metrics)[number],
): MetricDataQuery {
  return {
    Id: idOf(index, metric),
    MetricStat: {
      Metric: {
        Namespace: 'AWS/S3',
        MetricName: metric,
        Dimensions: [
          { Name: 'SourceBucket', Value: source },
          { Name: 'DestinationBucket', Value: destination },
          { Name: 'RuleId', Value: rule },
        ],
      },
      Period: 60,
      Stat: 'Maximum',
    },
  };
}

function latestOf(result: MetricDataResult | undefined): { at: number; value: number } | undefined {
  const [at] = result?.Timestamps ?? [];
  const [value] = result?.Values ?? [];
  return at === undefined || value === undefined ? undefined : { at: at.getTime(), value };
}

function backlogOf([operations, bytes, latency]: readonly ({ at: number; value: number } | undefined)[]):
  | Backlog
  | undefined {
  if (operations === undefined || bytes === undefined || latency === undefined) return undefined;
  return {
    // A metric's time is the beginning of its minute: what was written since then may not be in it.
    at: Math.min(operations.at, bytes.at, latency.at),
    operations: operations.value,
    bytes: bytes.value,
    latencySeconds: latency.value,
  };
}
