/** Which metrics of a group are collected: recorded and described. Nothing is published: the sandbox's dashboards are drawn by nobody. */

import type {
  DisableMetricsCollectionCommandInput,
  EnableMetricsCollectionCommandInput,
} from '@aws-sdk/client-auto-scaling';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { askOnGroup, groupOf, validationError } from './lookup.ts';
import { scalingTables } from './rows.ts';

/** Those of a group without a warm pool. Source: Auto Scaling User Guide, "Amazon CloudWatch metrics for Amazon EC2 Auto Scaling". */
const groupMetrics = [
  'GroupMinSize',
  'GroupMaxSize',
  'GroupDesiredCapacity',
  'GroupInServiceInstances',
  'GroupPendingInstances',
  'GroupStandbyInstances',
  'GroupTerminatingInstances',
  'GroupTotalInstances',
  'GroupInServiceCapacity',
  'GroupPendingCapacity',
  'GroupStandbyCapacity',
  'GroupTerminatingCapacity',
  'GroupTotalCapacity',
] as const;

export function metricsOperations(core: SandboxCore): Record<string, AnyOperation> {
  const set = (region: string, name: string, metrics: readonly string[]) =>
    void scalingTables(core, region).groups.update(name, (row) => ({ ...row, metrics: [...new Set(metrics)] }));
  return {
    EnableMetricsCollection: strictOperation<EnableMetricsCollectionCommandInput, object>({
      name: 'EnableMetricsCollection',
      members: ['AutoScalingGroupName', 'Metrics', 'Granularity'],
      authorize: (input, call) => [askOnGroup(core, call, 'EnableMetricsCollection', input.AutoScalingGroupName)],
      handle(input, call) {
        const { metrics = [], name } = groupOf(core, call.region, input.AutoScalingGroupName);
        if (input.Granularity !== '1Minute') {
          throw validationError(`Metric granularity ${input.Granularity} is not valid: 1Minute is the only one.`);
        }
        set(call.region, name, [...metrics, ...known(input.Metrics)]);
        return {};
      },
    }),
    DisableMetricsCollection: strictOperation<DisableMetricsCollectionCommandInput, object>({
      name: 'DisableMetricsCollection',
      members: ['AutoScalingGroupName', 'Metrics'],
      authorize: (input, call) => [askOnGroup(core, call, 'DisableMetricsCollection', input.AutoScalingGroupName)],
      handle(input, call) {
        const { metrics = [], name } = groupOf(core, call.region, input.AutoScalingGroupName);
        const off = known(input.Metrics);
        set(
          call.region,
          name,
          metrics.filter((metric) => !off.includes(metric)),
        );
        return {};
      },
    }),
  };
}

/** All of them, unless some are named. */
function known(named: readonly string[] | undefined): readonly string[] {
  const wanted = named ?? groupMetrics;
  const unknown = wanted.find((metric) => !groupMetrics.some((one) => one === metric));
  if (unknown !== undefined) throw validationError(`${unknown} is not a valid metric of a group.`);
  return wanted;
}
