/** The rows Auto Scaling keeps, by group name; times in milliseconds of AWS time. */

import type { TargetTrackingConfiguration } from '@aws-sdk/client-auto-scaling';
import type { SandboxCore, Table } from '../../contract.ts';

/** Where a group's instances come from: a template's version, and the instance types it may be (none: the template's). */
export interface LaunchSource {
  readonly templateId: string;
  readonly templateName: string;
  /** A number, `$Latest` or `$Default`. */
  readonly version: string;
  /** As the overrides list them. */
  readonly types: readonly string[];
  /** Present when it was given as a mixed instances policy, and is to be described as one. */
  readonly distribution?: DistributionRow;
}

/** How a mixed group chooses. Of Spot only what was said is kept: no Spot instance is ever launched. */
export interface DistributionRow {
  readonly onDemandStrategy: 'prioritized' | 'lowest-price';
  readonly onDemandBase: number;
  readonly onDemandPercentage: number;
  readonly spotStrategy: string;
  readonly spotPools?: number;
  readonly spotMaxPrice?: string;
}

export interface GroupRow {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly source: LaunchSource;
  readonly subnetIds: readonly string[];
  readonly zones: readonly string[];
  readonly targetGroupArns: readonly string[];
  readonly elbHealth: boolean;
  readonly graceSeconds: number;
  readonly cooldownSeconds: number;
  readonly terminationPolicy: TerminationPolicy;
  readonly suspended: readonly string[];
  /** Metrics that are collected; none unless said. */
  readonly metrics?: readonly string[];
  readonly tags: readonly GroupTag[];
  readonly deleting: boolean;
  readonly members: readonly MemberRow[];
  /** No launch before this: Auto Scaling takes a moment to act, and waits after a failure. */
  readonly launchNotBefore: number;
  /** Failed launches in a row. */
  readonly failures: number;
  /** Why the last change of size was made, as activities tell it. */
  readonly cause: string;
}

export type TerminationPolicy = 'Default' | 'OldestInstance' | 'NewestInstance';

export interface GroupTag {
  readonly key: string;
  readonly value: string;
  readonly propagate: boolean;
}

/** One instance of a group. */
export interface MemberRow {
  readonly id: string;
  readonly zone: string;
  readonly type: string;
  readonly imageId: string;
  readonly templateVersion: string;
  readonly state: 'Pending' | 'InService' | 'Terminating';
  readonly unhealthy: boolean;
  readonly launchedAt: number;
  readonly inServiceAt?: number;
  /** The activity that launches or terminates it. */
  readonly activityId: string;
  /** Whether EC2 was told to terminate it. */
  readonly ended: boolean;
}

export interface ActivityRow {
  readonly id: string;
  readonly group: string;
  readonly description: string;
  readonly cause: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly status: 'InProgress' | 'WaitingForELBConnectionDraining' | 'Successful' | 'Failed';
  readonly message?: string;
  readonly details: string;
}

export interface PolicyRow {
  readonly arn: string;
  readonly name: string;
  readonly group: string;
  readonly enabled: boolean;
  readonly configuration: TargetTrackingConfiguration;
  readonly warmup?: number;
}

export interface ScalingTables {
  readonly groups: Table<GroupRow>;
  readonly activities: Table<ActivityRow>;
  /** By group and name. */
  readonly policies: Table<PolicyRow>;
}

export function scalingTables(core: SandboxCore, region: string): ScalingTables {
  return {
    groups: core.table('autoscaling', region, 'groups'),
    activities: core.table('autoscaling', region, 'activities'),
    policies: core.table('autoscaling', region, 'policies'),
  };
}

/** Changes one member, if it is still there. */
export function updateMember(
  core: SandboxCore,
  region: string,
  group: string,
  id: string,
  change: (member: MemberRow) => MemberRow,
): void {
  scalingTables(core, region).groups.update(group, (row) => ({
    ...row,
    members: row.members.map((member) => (member.id === id ? change(member) : member)),
  }));
}

/** The members that count towards the group's size. */
export const activeMembers = (row: GroupRow): MemberRow[] =>
  row.members.filter((member) => member.state !== 'Terminating');
