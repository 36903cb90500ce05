/**
 * What RDS publishes of an instance each minute: what alarms of a database are set on, and what can be known of one that is small.
 *
 * Source: RDS User Guide, "Amazon CloudWatch metrics for Amazon RDS".
 */

import { messageOf } from '../../../kernel/errors.ts';
import { codeOf } from '../../contract.ts';
import type { Rds } from './context.ts';
import type { InstanceRow } from './rows.ts';

interface Reading {
  readonly name: 'ReplicaLag' | 'DatabaseConnections' | 'FreeStorageSpace' | 'BinLogDiskUsage';
  readonly value: number;
  readonly unit: 'Seconds' | 'Count' | 'Bytes';
}

/** `lag` in seconds for a replica, -1 when nothing is replicated, which is not no lag; undefined for what is none. */
export async function publishMetrics({ core, fleet }: Rds, row: InstanceRow, lag: number | undefined): Promise<void> {
  const { connections, bytes, logBytes } = await fleet.database(row).usage();
  const readings: Reading[] = [
    { name: 'DatabaseConnections', value: connections, unit: 'Count' },
    {
      name: 'FreeStorageSpace',
      value: Math.max(0, row.allocatedStorage * 2 ** 30 - bytes - logBytes),
      unit: 'Bytes',
    },
    { name: 'BinLogDiskUsage', value: logBytes, unit: 'Bytes' },
    ...(lag === undefined ? [] : [{ name: 'ReplicaLag', value: lag, unit: 'Seconds' } as const]),
  ];
  const at = new Date(core.clock.now());
  await core
    .invoke({
      service: 'monitoring',
      operation: 'PutMetricData',
      region: row.region,
      principal: core.as('rds'),
      input: {
        Namespace: 'AWS/RDS',
        MetricData: readings.map(({ name, value, unit }) => ({
          MetricName: name,
          Dimensions: [{ Name: 'DBInstanceIdentifier', Value: row.id }],
          Timestamp: at,
          Value: value,
          Unit: unit,
        })),
      },
    })
    .catch((error: unknown) => {
      // A sandbox put together without CloudWatch has no metrics.
      if (codeOf(error) === 'UnsupportedOperation') return;
      const { region, id } = row;
      core.log({ service: 'rds', region, text: `the metrics of ${id} weren't published: ${messageOf(error)}` });
    });
}
