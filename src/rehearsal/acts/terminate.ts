/** Ends every instance of a side's application tier, as a hand at the console would; Auto Scaling launches others. */

import type { Side } from '../../workload/judged.ts';
import type { Stage } from '../stage.ts';

export async function terminateInstances(stage: Stage, side: Side): Promise<void> {
  const { DescribeAutoScalingGroupsCommand } = await import('@aws-sdk/client-auto-scaling');
  const { TerminateInstancesCommand } = await import('@aws-sdk/client-ec2');
  const clients = stage.clients(side);
  const { AutoScalingGroups } = await (await clients.autoScaling()).send(
    new DescribeAutoScalingGroupsCommand({
      AutoScalingGroupNames: Object.keys(stage.workload.compute).map((name) => stage.names.group(name)),
    }),
  );
  const ids = (AutoScalingGroups ?? []).flatMap(({ Instances }) =>
    (Instances ?? []).map(({ InstanceId }) => InstanceId ?? ''),
  );
  if (ids.length > 0) await (await clients.ec2()).send(new TerminateInstancesCommand({ InstanceIds: ids }));
}
