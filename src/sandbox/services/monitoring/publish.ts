/** How services publish metrics of their own, under `AWS/…`: without waiting, and never at the cost of the work they measure. */

import type { SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';

export function publishMetric(
  core: SandboxCore,
  region: string,
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
  value: number,
  unit = 'Count',
): void {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const MetricData = [{ MetricName: name, Dimensions, Value: value, Unit: unit }];
  const input = { Namespace: namespace, MetricData };
  const service = namespace.replace('AWS/', '').toLowerCase();
  core
    .invoke({ service: 'monitoring', operation: 'PutMetricData', region, input, principal: core.as(service) })
    .catch((error: unknown) => {
      // A sandbox put together without CloudWatch has no metrics, and says nothing of it.
      if (codeOf(error) === 'UnsupportedOperation') return;
      core.log({ service, region, text: `metric ${name} wasn't published`, error });
    });
}
