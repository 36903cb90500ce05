/** Looking at a group's instances: which came into service, which are no longer fit. */

import type { DescribeInstanceStatusCommandOutput, DescribeInstancesCommandOutput } from '@aws-sdk/client-ec2';
import type { DescribeTargetHealthCommandOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SandboxCore } from '../../contract.ts';
import { machineTables } from '../ec2/machine-rows.ts';
import { beginActivity, causeAt, endActivity } from './activities.ts';
import type { GroupRow, MemberRow } from './rows.ts';
import { scalingTables, updateMember } from './rows.ts';
import { registerWith } from './target-groups.ts';

export async function checkMembers(core: SandboxCore, region: string, name: string): Promise<void> {
  const row = scalingTables(core, region).groups.get(name);
  if (row === undefined || row.members.length === 0) return;
  const states = await instanceStates(core, region, row.members);
  for (const member of row.members.filter((one) => one.state === 'Pending')) {
    const state = states.get(member.id);
    if (state === 'running') await enterService(core, region, name, member);
    else if (state !== 'pending') loseMember(core, region, name, member, state);
  }
  if (row.suspended.includes('HealthCheck')) return;
  await findUnhealthy(core, region, name, states);
}

async function enterService(core: SandboxCore, region: string, name: string, member: MemberRow): Promise<void> {
  const row = scalingTables(core, region).groups.get(name);
  if (row === undefined) return;
  if (!row.suspended.includes('AddToLoadBalancer')) await registerWith(core, region, row.targetGroupArns, [member.id]);
  updateMember(core, region, name, member.id, (old) =>
    old.state === 'Pending' ? { ...old, state: 'InService', inServiceAt: core.region(region).clock.now() } : old,
  );
  endActivity(core, region, member.activityId);
}

/** A pending instance that went away is out of the group at once. */
function loseMember(
  core: SandboxCore,
  region: string,
  name: string,
  member: MemberRow,
  state: string | undefined,
): void {
  scalingTables(core, region).groups.update(name, (old) => ({
    ...old,
    members: old.members.filter((one) => one.id !== member.id),
  }));
  const reason = machineTables(core, region).instances.get(member.id)?.reason?.message ?? `it is ${state ?? 'gone'}.`;
  endActivity(
    core,
    region,
    member.activityId,
    `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ${reason}`,
  );
}

async function findUnhealthy(
  core: SandboxCore,
  region: string,
  name: string,
  states: ReadonlyMap<string, string>,
): Promise<void> {
  const row = scalingTables(core, region).groups.get(name);
  const members = row?.members.filter((member) => member.state === 'InService' && !member.unhealthy) ?? [];
  if (row === undefined || members.length === 0) return;
  const impaired = await impairedInstances(core, region, members);
  const failing = row.elbHealth ? await unhealthyTargets(core, region, row) : new Set<string>();
  const now = core.region(region).clock.now();
  for (const member of members) {
    const state = states.get(member.id);
    const inGrace = now - (member.inServiceAt ?? now) < 1000 * row.graceSeconds;
    const why =
      state !== 'running'
        ? `an EC2 health check indicating it has been terminated or stopped (it is ${state ?? 'gone'}).`
        : inGrace
          ? undefined
          : impaired.has(member.id)
            ? 'an EC2 instance status checks failure.'
            : failing.has(member.id)
              ? 'an ELB system health check failure.'
              : undefined;
    if (why !== undefined)
      markUnhealthy(core, region, name, member.id, `an instance was taken out of service in response to ${why}`);
  }
}

/** Marks a member unfit, with an activity that says why: the termination itself follows. */
export function markUnhealthy(core: SandboxCore, region: string, name: string, id: string, why: string): void {
  const activityId = beginActivity(core, region, {
    group: name,
    description: `Terminating EC2 instance: ${id}`,
    cause: causeAt(core, region, why),
    details: '{}',
  });
  updateMember(core, region, name, id, (old) => ({ ...old, unhealthy: true, activityId }));
}

export async function instanceStates(
  core: SandboxCore,
  region: string,
  members: readonly MemberRow[],
): Promise<ReadonlyMap<string, string>> {
  const { Reservations: reservations = [] } = await core.invoke<DescribeInstancesCommandOutput>({
    service: 'ec2',
    operation: 'DescribeInstances',
    region,
    input: { Filters: [{ Name: 'instance-id', Values: members.map((member) => member.id) }] },
    principal: core.as('autoscaling'),
  });
  const instances = reservations.flatMap((reservation) => reservation.Instances ?? []);
  return new Map(instances.map((instance) => [instance.InstanceId ?? '', instance.State?.Name ?? '']));
}

async function impairedInstances(
  core: SandboxCore,
  region: string,
  members: readonly MemberRow[],
): Promise<ReadonlySet<string>> {
  const { InstanceStatuses: statuses = [] } = await core.invoke<DescribeInstanceStatusCommandOutput>({
    service: 'ec2',
    operation: 'DescribeInstanceStatus',
    region,
    input: { Filters: [{ Name: 'instance-status.status', Values: ['impaired'] }] },
    principal: core.as('autoscaling'),
  });
  const ids = new Set(members.map((member) => member.id));
  return new Set(statuses.flatMap((status) => (ids.has(status.InstanceId ?? '') ? [status.InstanceId ?? ''] : [])));
}

async function unhealthyTargets(core: SandboxCore, region: string, row: GroupRow): Promise<ReadonlySet<string>> {
  const answers = row.targetGroupArns.map((arn) => targetHealth(core, region, arn));
  const targets = (await Promise.all(answers)).flat();
  return new Set(targets.flatMap((one) => (one.TargetHealth?.State === 'unhealthy' ? [one.Target?.Id ?? ''] : [])));
}

export async function targetHealth(core: SandboxCore, region: string, targetGroupArn: string) {
  const { TargetHealthDescriptions: targets = [] } = await core.invoke<DescribeTargetHealthCommandOutput>({
    service: 'elasticloadbalancing',
    operation: 'DescribeTargetHealth',
    region,
    input: { TargetGroupArn: targetGroupArn },
    principal: core.as('autoscaling'),
  });
  return targets;
}
