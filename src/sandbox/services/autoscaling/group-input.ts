/** What create and update requests may say about a group: checked, and merged over what the group is. */

import type { UpdateAutoScalingGroupCommandInput } from '@aws-sdk/client-auto-scaling';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { ec2Tables } from '../ec2/rows.ts';
import { validationError } from './lookup.ts';
import type { GroupRow, TerminationPolicy } from './rows.ts';

/** Members create and update share. */
export const sharedMembers = [
  'AutoScalingGroupName',
  'LaunchTemplate',
  'MixedInstancesPolicy',
  'MinSize',
  'MaxSize',
  'DesiredCapacity',
  'DefaultCooldown',
  'AvailabilityZones',
  'HealthCheckType',
  'HealthCheckGracePeriod',
  'VPCZoneIdentifier',
  'TerminationPolicies',
] as const;

type SharedInput = Pick<UpdateAutoScalingGroupCommandInput, (typeof sharedMembers)[number]>;

export type Settings = Pick<
  GroupRow,
  | 'min'
  | 'max'
  | 'desired'
  | 'subnetIds'
  | 'zones'
  | 'elbHealth'
  | 'graceSeconds'
  | 'cooldownSeconds'
  | 'terminationPolicy'
>;

/** The settings after a request. Without `old` the group is new, and sizes and subnets are required. */
export function settingsFrom(
  core: SandboxCore,
  region: string,
  input: SharedInput,
  old: Settings | undefined,
): Settings {
  const places = input.VPCZoneIdentifier === undefined && old !== undefined ? old : placesOf(core, region, input);
  return {
    ...sizesFrom(input, old),
    subnetIds: places.subnetIds,
    zones: places.zones,
    elbHealth: input.HealthCheckType === undefined ? (old?.elbHealth ?? false) : usesElb(input.HealthCheckType),
    graceSeconds: input.HealthCheckGracePeriod ?? old?.graceSeconds ?? 0,
    cooldownSeconds: input.DefaultCooldown ?? old?.cooldownSeconds ?? 300,
    terminationPolicy: policyFrom(input.TerminationPolicies) ?? old?.terminationPolicy ?? 'Default',
  };
}

/** An update of the limits alone pulls the desired size inside them; a desired size given must lie inside. */
function sizesFrom(input: SharedInput, old: Settings | undefined): Pick<Settings, 'min' | 'max' | 'desired'> {
  const min = input.MinSize ?? old?.min;
  const max = input.MaxSize ?? old?.max;
  if (min === undefined || max === undefined) throw validationError('MinSize and MaxSize must be specified.');
  if (min < 0 || min > max)
    throw validationError(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  const desired = input.DesiredCapacity ?? Math.min(max, Math.max(min, old?.desired ?? min));
  if (desired < min || desired > max) {
    throw validationError(
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
    );
  }
  return { min, max, desired };
}

function placesOf(core: SandboxCore, region: string, input: SharedInput): Pick<Settings, 'subnetIds' | 'zones'> {
  const subnetIds = (input.VPCZoneIdentifier ?? '').split(',').flatMap((id) => (id.trim() === '' ? [] : [id.trim()]));
  if (subnetIds.length === 0) {
    throw validationError('At least one subnet must be specified in VPCZoneIdentifier: there is no default VPC.');
  }
  const { subnets } = ec2Tables(core, region);
  const zones = subnetIds.map((id) => {
    const row = subnets.get(id);
    if (row === undefined) throw validationError(`The subnet ID '${id}' does not exist`);
    return row.zone;
  });
  const outside = (input.AvailabilityZones ?? []).filter((zone) => !zones.includes(zone));
  if (outside.length > 0) {
    throw validationError(
      `The availability zones of the specified subnets and the Auto Scaling group do not match: ${outside.join(', ')}`,
    );
  }
  return { subnetIds, zones: [...new Set(zones)] };
}

function usesElb(type: string): boolean {
  const kinds = type.split(',').map((kind) => kind.trim());
  const other = kinds.find((kind) => kind !== 'EC2' && kind !== 'ELB');
  if (other === undefined) return kinds.includes('ELB');
  throw new AwsError(
    'UnsupportedOperation',
    `The sandbox doesn't support the health check type ${other}. It supports: EC2, ELB.`,
  );
}

function policyFrom(policies: readonly string[] | undefined): TerminationPolicy | undefined {
  const [policy, ...others] = policies ?? [];
  if (policy === undefined) return undefined;
  if (others.length === 0 && (policy === 'Default' || policy === 'OldestInstance' || policy === 'NewestInstance'))
    return policy;
  throw new AwsError(
    'UnsupportedOperation',
    `The sandbox doesn't support the termination policies ${policies?.join(', ')}. It supports one of: Default, OldestInstance, NewestInstance.`,
  );
}
