/** What a workload's owner does at the console, knowing or not knowing what it means for a recovery. */

import { rdsOf } from '../../engines/database/rds.ts';
import { parametersOf } from '../../engines/parameters/parameters.ts';
import type { Side } from '../../workload/judged.ts';
import type { Stage } from '../stage.ts';

/** Ends every instance of a side's application tier; Auto Scaling launches others. */
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

export async function takeSnapshot(stage: Stage, side: Side): Promise<void> {
  const name = `${stage.names.prefix}-by-hand-${Math.floor(stage.target.clock.now() / 1000)}`;
  await rdsOf(stage.clients(side)).snapshot(stage.names.database, name);
}

/** What stood in the pointers that were deleted, by rehearsal. */
const lost = new WeakMap<Stage, Map<string, string>>();

export async function loseImages(stage: Stage, side: Side): Promise<void> {
  const { DeleteParametersCommand } = await import('@aws-sdk/client-ssm');
  const parameters = parametersOf(stage.clients(side));
  const names = Object.keys(stage.workload.compute).map((group) => stage.names.imageParameter(group));
  const values = await Promise.all(
    names.map(async (name) => [name, (await parameters.get(name))?.Value ?? ''] as const),
  );
  lost.set(stage, new Map(values));
  await (await stage.clients(side).ssm()).send(new DeleteParametersCommand({ Names: names }));
}

export async function giveImages(stage: Stage, side: Side): Promise<void> {
  const parameters = parametersOf(stage.clients(side));
  for (const [name, value] of lost.get(stage) ?? [])
    await parameters.put({ name, value, type: 'String', dataType: 'aws:ec2:image' });
}
