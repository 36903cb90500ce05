/** Observes and sizes an Auto Scaling group. */

import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Clients } from '../../aws/clients.ts';
import { terminalError } from '../../kernel/errors.ts';

export interface Size {
  readonly min: number;
  readonly desired: number;
  readonly max: number;
}

export interface Group {
  size(): Promise<Size>;
  resize(size: Size): Promise<void>;
  /** How many it is to have now, between its fewest and its most. */
  want(desired: number): Promise<void>;
  /** Instances in service in the group, targets healthy at the load balancer (instances, without one), and why the last launch failed while some are missing. */
  serving(): Promise<{ instances: number; healthy: number; trouble: string | undefined }>;
  instances(): Promise<number>;
}

export function groupOf(clients: Clients, name: string): Group {
  const describe = async (): Promise<AutoScalingGroup> => {
    const { DescribeAutoScalingGroupsCommand } = await import('@aws-sdk/client-auto-scaling');
    const client = await clients.autoScaling();
    const { AutoScalingGroups } = await client.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    );
    const [found] = AutoScalingGroups ?? [];
    if (found === undefined)
      throw terminalError(`There is no Auto Scaling group ${name}.`, { next: "Deploy the workload's stacks." });
    return found;
  };
  return {
    async size() {
      const { MinSize, DesiredCapacity, MaxSize } = await describe();
      return { min: MinSize ?? 0, desired: DesiredCapacity ?? 0, max: MaxSize ?? 0 };
    },
    async resize({ min, desired, max }) {
      const { UpdateAutoScalingGroupCommand } = await import('@aws-sdk/client-auto-scaling');
      const client = await clients.autoScaling();
      await client.send(
        new UpdateAutoScalingGroupCommand({
          AutoScalingGroupName: name,
          MinSize: min,
          DesiredCapacity: desired,
          MaxSize: max,
        }),
      );
    },
    async want(desired) {
      const { SetDesiredCapacityCommand } = await import('@aws-sdk/client-auto-scaling');
      const client = await clients.autoScaling();
      await client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: desired }));
    },
    async serving() {
      const { DescribeScalingActivitiesCommand } = await import('@aws-sdk/client-auto-scaling');
      const { DescribeTargetHealthCommand } = await import('@aws-sdk/client-elastic-load-balancing-v2');
      const [group, scaling, balancing] = await Promise.all([describe(), clients.autoScaling(), clients.balancing()]);
      const inService = (group.Instances ?? []).filter(({ LifecycleState }) => LifecycleState === 'InService').length;
      const [targetGroup] = group.TargetGroupARNs ?? [];
      const health =
        targetGroup === undefined
          ? undefined
          : ((await balancing.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup })))
              .TargetHealthDescriptions ?? []);
      const healthy = health?.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length ?? inService;
      if (inService >= (group.DesiredCapacity ?? 0)) return { instances: inService, healthy, trouble: undefined };
      const { Activities } = await scaling.send(
        new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name, MaxRecords: 1 }),
      );
      const [last] = Activities ?? [];
      return { instances: inService, healthy, trouble: last?.StatusCode === 'Failed' ? last.StatusMessage : undefined };
    },
    async instances() {
      return (await describe()).Instances?.length ?? 0;
    },
  };
}
