/**
 * The latch: a metric in the recovery Region, watched by the alarm that the PRIMARY record's health check follows. Publishing it is a
 * data-plane call to the recovery Region; without data the last known verdict stays, so losing the publisher changes nothing.
 */

import type { Clients } from '../../aws/clients.ts';
import type { Side } from '../../workload/config.ts';
import type { Names } from '../../workload/names.ts';

export interface Latch {
  /** Publishes which side the public name should answer with. */
  publish(active: Side, at: number): Promise<void>;
}

export function latchOf(clients: Clients, { latchMetric }: Names): Latch {
  return {
    async publish(active, at) {
      const { PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
      const client = await clients.cloudWatch();
      await client.send(
        new PutMetricDataCommand({
          Namespace: latchMetric.namespace,
          MetricData: [
            {
              MetricName: latchMetric.name,
              Dimensions: [{ Name: 'Workload', Value: latchMetric.dimension }],
              Value: active === 'recovery' ? 1 : 0,
              Timestamp: new Date(at),
              StorageResolution: 60,
            },
          ],
        }),
      );
    },
  };
}
