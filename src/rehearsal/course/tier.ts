/** A side's application tier: how large its groups are together, and which instances health checks took out. */

import type { Side } from '../../workload/judged.ts';
import type { Stage } from '../stage.ts';
import type { ReplacedSeen } from './course.ts';

export interface TierSeen {
  readonly desired: number;
  readonly instances: number;
}

export async function tierOf(stage: Stage, side: Side): Promise<TierSeen> {
  const { DescribeAutoScalingGroupsCommand } = await import('@aws-sdk/client-auto-scaling');
  const client = await stage.clients(side).autoScaling();
  const { AutoScalingGroups = [] } = await client.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: groupsOf(stage) }),
  );
  return {
    desired: AutoScalingGroups.reduce((sum, { DesiredCapacity }) => sum + (DesiredCapacity ?? 0), 0),
    instances: AutoScalingGroups.reduce((sum, { Instances }) => sum + (Instances?.length ?? 0), 0),
  };
}

/** Auto Scaling says why in its activities' causes. Source: Auto Scaling User Guide, "Verify a scaling activity". */
export async function replacedIn(stage: Stage, side: Side): Promise<ReplacedSeen[]> {
  const { paginateDescribeScalingActivities } = await import('@aws-sdk/client-auto-scaling');
  const client = await stage.clients(side).autoScaling();
  const found: ReplacedSeen[] = [];
  for (const AutoScalingGroupName of groupsOf(stage)) {
    for await (const { Activities } of paginateDescribeScalingActivities({ client }, { AutoScalingGroupName })) {
      for (const { Cause = '', Description = '', StartTime } of Activities ?? [])
        if (/taken out of service in response to/.test(Cause))
          found.push({ at: StartTime?.getTime() ?? 0, side, why: `${Description}: ${Cause}` });
    }
  }
  return found.sort((one, other) => one.at - other.at);
}

const groupsOf = ({ names, workload }: Stage): string[] =>
  Object.keys(workload.compute).map((name) => names.group(name));
