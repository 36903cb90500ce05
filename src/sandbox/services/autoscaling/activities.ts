/** Scaling activities: what a group did, why, and how it went. */

import type {
  Activity,
  DescribeScalingActivitiesCommandInput,
  DescribeScalingActivitiesCommandOutput,
} from '@aws-sdk/client-auto-scaling';
import { isoTime } from '../../../kernel/clock.ts';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { page } from '../ec2/pages.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import type { ActivityRow } from './rows.ts';
import { scalingTables } from './rows.ts';

/** AWS keeps activities for six weeks; this many per Region are plenty here. */
const kept = 1000;

export function beginActivity(
  core: SandboxCore,
  region: string,
  activity: Pick<ActivityRow, 'group' | 'description' | 'cause' | 'details'>,
): string {
  const { activities } = scalingTables(core, region);
  const id = core.ids.uuid();
  const [oldest] = activities.size < kept ? [] : activities.entries();
  if (oldest !== undefined) activities.delete(oldest[0]);
  activities.put(id, { ...activity, id, startedAt: core.region(region).clock.now(), status: 'InProgress' });
  return id;
}

export function markDraining(core: SandboxCore, region: string, id: string): void {
  scalingTables(core, region).activities.update(id, (row) => ({ ...row, status: 'WaitingForELBConnectionDraining' }));
}

/** Ends an activity: successfully, unless a message says why not. */
export function endActivity(core: SandboxCore, region: string, id: string, failure?: string): void {
  const endedAt = core.region(region).clock.now();
  scalingTables(core, region).activities.update(id, (row) => ({
    ...row,
    endedAt,
    status: failure === undefined ? 'Successful' : 'Failed',
    ...(failure === undefined ? {} : { message: failure }),
  }));
}

/** A cause in AWS's words: when, and what. */
export const causeAt = (core: SandboxCore, region: string, what: string): string =>
  `At ${isoTime(core.region(region).clock.now()).slice(0, 19)}Z ${what}`;

export function activityOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    DescribeScalingActivities: strictOperation<
      DescribeScalingActivitiesCommandInput,
      Answer<DescribeScalingActivitiesCommandOutput>
    >({
      name: 'DescribeScalingActivities',
      members: ['ActivityIds', 'AutoScalingGroupName', 'IncludeDeletedGroups', 'MaxRecords', 'NextToken'],
      handle(input, call) {
        const { activities, groups } = scalingTables(core, call.region);
        const rows = activities
          .values()
          .filter((row) => input.ActivityIds?.includes(row.id) ?? true)
          .filter((row) => input.AutoScalingGroupName === undefined || row.group === input.AutoScalingGroupName)
          .filter(
            (row) =>
              input.IncludeDeletedGroups === true || input.AutoScalingGroupName !== undefined || groups.has(row.group),
          )
          .reverse();
        const cut = page(rows, input.MaxRecords, input.NextToken, 100);
        return { Activities: cut.rows.map(describeActivity), NextToken: cut.nextToken };
      },
    }),
  };
}

export const describeActivity = (row: ActivityRow): Activity => ({
  ActivityId: row.id,
  AutoScalingGroupName: row.group,
  Description: row.description,
  Cause: row.cause,
  StartTime: new Date(row.startedAt),
  ...(row.endedAt === undefined ? {} : { EndTime: new Date(row.endedAt) }),
  StatusCode: row.status,
  ...(row.message === undefined ? {} : { StatusMessage: row.message }),
  Progress: row.endedAt === undefined ? 50 : 100,
  Details: row.details,
});
