/** Changing a group's size: launching, and terminating after the balancers let go. */

import type { RunInstancesCommandOutput } from '@aws-sdk/client-ec2';
import type { SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';
import { machineTables } from '../ec2/machine-rows.ts';
import { ec2Tables } from '../ec2/rows.ts';
import { beginActivity, causeAt, endActivity, markDraining } from './activities.ts';
import { instanceStates, targetHealth } from './health.ts';
import { typesToTry } from './mixed-policy.ts';
import type { GroupRow, MemberRow } from './rows.ts';
import { activeMembers, scalingTables, updateMember } from './rows.ts';
import { deregisterFrom } from './target-groups.ts';

/** Milliseconds of AWS time a group waits after a failed launch; doubled with each further one. An engineering estimate. */
const firstRetry = 60_000;
const longestRetry = 600_000;

/**
 * Launches what is missing, one instance after the other, each where the fewest are. A zone without room, or one that doesn't offer the
 * types, is passed over for the others (Auto Scaling User Guide, "Availability Zone distribution": balanced best effort); any other
 * failure, or no zone left, stops the pass.
 */
export async function launchMissing(core: SandboxCore, region: string, name: string): Promise<void> {
  const { groups } = scalingTables(core, region);
  const full = new Set<string>();
  for (
    let row = groups.get(name);
    row !== undefined && activeMembers(row).length < row.desired;
    row = groups.get(name)
  ) {
    const subnetId = emptiestSubnet(core, region, row, full);
    if (subnetId === undefined) return backOff(core, region, row);
    const zone = zoneOf(core, region, subnetId);
    const activityId = beginActivity(core, region, {
      group: name,
      description: 'Launching a new EC2 instance',
      cause: `${row.cause} ${causeAt(core, region, `an instance was started in response to a difference between desired and actual capacity, increasing the capacity from ${activeMembers(row).length} to ${activeMembers(row).length + 1}.`)}`,
      details: JSON.stringify({ 'Subnet ID': subnetId, 'Availability Zone': zone }),
    });
    try {
      const member = await launchOne(core, region, row, activityId, subnetId);
      groups.update(name, (old) => ({ ...old, failures: 0, members: [...old.members, member] }));
      scalingTables(core, region).activities.update(activityId, (old) => ({
        ...old,
        description: `Launching a new EC2 instance: ${member.id}`,
      }));
    } catch (error) {
      endActivity(core, region, activityId, failureText(row, error));
      if (!isAboutPlace(error)) return backOff(core, region, row);
      full.add(zone);
    }
  }
}

function backOff(core: SandboxCore, region: string, { name }: GroupRow): void {
  const now = core.region(region).clock.now();
  scalingTables(core, region).groups.update(name, (old) => ({
    ...old,
    failures: old.failures + 1,
    launchNotBefore: now + Math.min(longestRetry, firstRetry * 2 ** old.failures),
  }));
}

/** What one type, or one zone, can't do and another may. */
const aboutType: readonly (string | undefined)[] = ['InsufficientInstanceCapacity', 'Unsupported'];
const isAboutPlace = (error: unknown): boolean =>
  aboutType.includes(codeOf(error)) || codeOf(error) === 'InsufficientFreeAddressesInSubnet';

/** Mixed groups launch by fleets, whose errors name their code. Source: dspace-group/dspace-reference-architecture-aws#100. */
function failureText({ source }: GroupRow, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return source.distribution === undefined
    ? `${why} Launching EC2 instance failed.`
    : `Could not launch On-Demand Instances. ${codeOf(error)} - ${why} Launching EC2 instance failed.`;
}

/** Tries the group's types in their order, each time one can't be had in the zone. */
async function launchOne(
  core: SandboxCore,
  region: string,
  row: GroupRow,
  activityId: string,
  subnetId: string,
): Promise<MemberRow> {
  let refused: unknown;
  for (const type of typesToTry(region, row.source)) {
    try {
      return await run(core, region, row, activityId, subnetId, type);
    } catch (error) {
      if (!aboutType.includes(codeOf(error))) throw error;
      refused = error;
    }
  }
  throw refused;
}

async function run(
  core: SandboxCore,
  region: string,
  row: GroupRow,
  activityId: string,
  subnetId: string,
  type: string | undefined,
): Promise<MemberRow> {
  const propagated = row.tags.filter((tag) => tag.propagate).map(({ key, value }) => ({ Key: key, Value: value }));
  const own = { Key: 'aws:autoscaling:groupName', Value: row.name };
  const { Instances: instances = [] } = await core.invoke<RunInstancesCommandOutput>({
    service: 'ec2',
    operation: 'RunInstances',
    region,
    input: {
      LaunchTemplate: { LaunchTemplateId: row.source.templateId, Version: row.source.version },
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnetId,
      ClientToken: activityId,
      TagSpecifications: [{ ResourceType: 'instance', Tags: [...propagated, own] }],
      ...(type === undefined ? {} : { InstanceType: type }),
    },
    principal: core.as('autoscaling'),
  });
  const [instance] = instances;
  return newMember(core, region, row, activityId, {
    id: instance?.InstanceId ?? '',
    zone: instance?.Placement?.AvailabilityZone ?? '',
    type: instance?.InstanceType ?? '',
    imageId: instance?.ImageId ?? '',
  });
}

const newMember = (
  core: SandboxCore,
  region: string,
  row: GroupRow,
  activityId: string,
  instance: Pick<MemberRow, 'id' | 'zone' | 'type' | 'imageId'>,
): MemberRow => ({
  ...instance,
  templateVersion: versionNumber(core, region, row),
  state: 'Pending',
  unhealthy: false,
  launchedAt: core.region(region).clock.now(),
  activityId,
  ended: false,
});

/** A launch that a kill cut short left an instance nobody counts, which is taken in, or none, which has failed. */
export function settleLaunches(core: SandboxCore, region: string): void {
  const { activities, groups } = scalingTables(core, region);
  const instances = machineTables(core, region).instances.values();
  for (const { id, group: name, status } of activities.values()) {
    const group = groups.get(name);
    if (status !== 'InProgress' || group?.members.some(({ activityId }) => activityId === id) === true) continue;
    const launched = instances.find(({ clientToken }) => clientToken === id);
    if (group === undefined || launched === undefined) {
      endActivity(core, region, id, 'The launch was interrupted. Launching EC2 instance failed.');
      continue;
    }
    const { instanceType: type, zone, imageId } = launched;
    const member = newMember(core, region, group, id, { id: launched.id, zone, type, imageId });
    groups.update(name, (old) => ({ ...old, members: [...old.members, member] }));
  }
}

/** What `$Latest` or `$Default` was at launch. */
function versionNumber(core: SandboxCore, region: string, { source }: GroupRow): string {
  const template = core
    .table<{ latestVersion: number; defaultVersion: number }>('ec2', region, 'launch-templates')
    .get(source.templateId);
  if (source.version === '$Latest') return String(template?.latestVersion ?? source.version);
  return source.version === '$Default' ? String(template?.defaultVersion ?? source.version) : source.version;
}

function emptiestSubnet(
  core: SandboxCore,
  region: string,
  row: GroupRow,
  without: ReadonlySet<string>,
): string | undefined {
  const count = (subnetId: string): number => {
    const zone = zoneOf(core, region, subnetId);
    return activeMembers(row).filter((member) => member.zone === zone).length;
  };
  return row.subnetIds
    .filter((subnetId) => !without.has(zoneOf(core, region, subnetId)))
    .sort((one, other) => count(one) - count(other))[0];
}

const zoneOf = (core: SandboxCore, region: string, subnetId: string): string =>
  ec2Tables(core, region).subnets.get(subnetId)?.zone ?? '';

export async function terminateUnhealthy(core: SandboxCore, region: string, name: string): Promise<void> {
  const row = scalingTables(core, region).groups.get(name);
  for (const member of row?.members ?? []) {
    if (member.unhealthy && member.state === 'InService')
      await beginTermination(core, region, name, member, member.activityId);
  }
}

export async function terminateSurplus(core: SandboxCore, region: string, name: string): Promise<void> {
  const row = scalingTables(core, region).groups.get(name);
  if (row === undefined) return;
  const surplus = activeMembers(row).length - row.desired;
  for (const member of victims(row).slice(0, Math.max(0, surplus))) {
    const activityId = beginActivity(core, region, {
      group: name,
      description: `Terminating EC2 instance: ${member.id}`,
      cause: `${row.cause} ${causeAt(core, region, `instance ${member.id} was selected for termination.`)}`,
      details: JSON.stringify({ 'Availability Zone': member.zone }),
    });
    await beginTermination(core, region, name, member, activityId);
  }
}

/** Who goes first: the policy's choice; by default from the fullest zone, the oldest template version, then the oldest. */
function victims(row: GroupRow): MemberRow[] {
  const left = [...activeMembers(row)];
  const byAge = (one: MemberRow, other: MemberRow): number => one.launchedAt - other.launchedAt;
  if (row.terminationPolicy === 'OldestInstance') return left.sort(byAge);
  if (row.terminationPolicy === 'NewestInstance') return left.sort((one, other) => byAge(other, one));
  const chosen: MemberRow[] = [];
  while (left.length > 0) {
    const inZone = (member: MemberRow): number => left.filter((one) => one.zone === member.zone).length;
    left.sort(
      (one, other) =>
        inZone(other) - inZone(one) || Number(one.templateVersion) - Number(other.templateVersion) || byAge(one, other),
    );
    chosen.push(...left.splice(0, 1));
  }
  return chosen;
}

export async function beginTermination(
  core: SandboxCore,
  region: string,
  name: string,
  member: MemberRow,
  activityId: string,
): Promise<void> {
  if (member.state === 'Pending')
    endActivity(core, region, member.activityId, 'The instance was terminated before it was in service.');
  updateMember(core, region, name, member.id, (old) => ({ ...old, state: 'Terminating', activityId }));
  const row = scalingTables(core, region).groups.get(name);
  if (row === undefined || row.targetGroupArns.length === 0) return;
  await deregisterFrom(core, region, row.targetGroupArns, [member.id]);
  markDraining(core, region, activityId);
}

/** Moves members on their way out: once drained EC2 is told, once terminated they are gone. */
export async function progressTerminations(core: SandboxCore, region: string, name: string): Promise<void> {
  const row = scalingTables(core, region).groups.get(name);
  const leaving = row?.members.filter((member) => member.state === 'Terminating') ?? [];
  if (row === undefined || leaving.length === 0) return;
  const states = await instanceStates(core, region, leaving);
  const draining = await drainingTargets(core, region, row);
  for (const member of leaving) {
    const state = states.get(member.id);
    if (state === undefined || state === 'terminated') {
      endActivity(core, region, member.activityId);
      scalingTables(core, region).groups.update(name, (old) => ({
        ...old,
        members: old.members.filter((one) => one.id !== member.id),
      }));
      continue;
    }
    // An unfit instance has nobody to finish with.
    if (member.ended || (draining.has(member.id) && !member.unhealthy)) continue;
    await core.invoke({
      service: 'ec2',
      operation: 'TerminateInstances',
      region,
      input: { InstanceIds: [member.id] },
      principal: core.as('autoscaling'),
    });
    updateMember(core, region, name, member.id, (old) => ({ ...old, ended: true }));
  }
}

async function drainingTargets(core: SandboxCore, region: string, row: GroupRow): Promise<ReadonlySet<string>> {
  const answers = await Promise.all(row.targetGroupArns.map((arn) => targetHealth(core, region, arn)));
  return new Set(
    answers.flat().flatMap((one) => (one.TargetHealth?.State === 'draining' ? [one.Target?.Id ?? ''] : [])),
  );
}
