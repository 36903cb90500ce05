/** Publishes one value of a metric of the workload's own. */

import type { Clients } from '../../aws/clients.ts';
import type { Names } from '../../workload/names.ts';

export async function putMetric(
  clients: Clients,
  { dimension, name, namespace }: Names['latchMetric'],
  value: number,
  at: number,
): Promise<void> {
  const { PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = await clients.cloudWatch();
  await client.send(
    new PutMetricDataCommand({
      Namespace: namespace,
      MetricData: [
        {
          MetricName: name,
          Dimensions: [{ Name: 'Workload', Value: dimension }],
          Value: value,
          Timestamp: new Date(at),
          StorageResolution: 60,
        },
      ],
    }),
  );
}
