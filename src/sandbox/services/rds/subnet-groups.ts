/** DB subnet groups: the subnets of one VPC that instances may stand in. */

import type {
  CreateDBSubnetGroupCommandInput,
  DBSubnetGroup,
  ModifyDBSubnetGroupCommandInput,
} from '@aws-sdk/client-rds';
import { AwsError, codeOf, type SandboxCore } from '../../contract.ts';
import { arnOf } from './arns.ts';
import type { Rds } from './context.ts';
import { invalidValue, subnetGroupNotFound } from './errors.ts';
import { groupName, tagsFrom } from './input.ts';
import { rdsTables, type SubnetGroupRow } from './rows.ts';

export function subnetGroup(core: SandboxCore, region: string, name: string): SubnetGroupRow {
  const row = rdsTables(core, region).subnetGroups.get(name.toLowerCase());
  if (row === undefined) throw subnetGroupNotFound(name);
  return row;
}

export async function createSubnetGroup(
  { core }: Rds,
  region: string,
  input: CreateDBSubnetGroupCommandInput,
): Promise<SubnetGroupRow> {
  const name = groupName('DBSubnetGroupName', input.DBSubnetGroupName);
  const { subnetGroups } = rdsTables(core, region);
  if (name === 'default') throw invalidValue('The DB subnet group name default is reserved');
  if (subnetGroups.has(name)) {
    throw new AwsError('DBSubnetGroupAlreadyExists', `The DB subnet group '${name}' already exists.`);
  }
  const placed = await placeSubnets(core, region, input.SubnetIds ?? []);
  return subnetGroups.put(name, {
    name,
    description: input.DBSubnetGroupDescription ?? '',
    tags: tagsFrom(input.Tags),
    ...placed,
  });
}

export async function modifySubnetGroup(
  { core }: Rds,
  region: string,
  input: ModifyDBSubnetGroupCommandInput,
): Promise<SubnetGroupRow> {
  const row = subnetGroup(core, region, input.DBSubnetGroupName ?? '');
  const placed = await placeSubnets(core, region, input.SubnetIds ?? []);
  const description = input.DBSubnetGroupDescription ?? row.description;
  return rdsTables(core, region).subnetGroups.put(row.name, { ...row, ...placed, description });
}

export function deleteSubnetGroup({ core }: Rds, region: string, name: string | undefined): void {
  const row = subnetGroup(core, region, name ?? '');
  const { instances, subnetGroups } = rdsTables(core, region);
  const user = instances.values().find((instance) => instance.subnetGroup === row.name);
  if (user !== undefined) {
    throw new AwsError(
      'InvalidDBSubnetGroupStateFault',
      `Cannot delete the subnet group '${row.name}' because at least one database instance: ${user.id} is still using it.`,
    );
  }
  subnetGroups.delete(row.name);
}

export const subnetGroupShape = (core: SandboxCore, region: string, row: SubnetGroupRow): DBSubnetGroup => ({
  DBSubnetGroupName: row.name,
  DBSubnetGroupDescription: row.description,
  ...(row.vpcId === undefined ? {} : { VpcId: row.vpcId }),
  SubnetGroupStatus: 'Complete',
  Subnets: row.subnets.map(({ id, zone }) => ({
    SubnetIdentifier: id,
    SubnetAvailabilityZone: { Name: zone },
    SubnetOutpost: {},
    SubnetStatus: 'Active',
  })),
  DBSubnetGroupArn: arnOf(core, region, 'subgrp', row.name),
  SupportedNetworkTypes: ['IPV4'],
});

interface Described {
  readonly Subnets?: readonly {
    readonly SubnetId?: string;
    readonly VpcId?: string;
    readonly AvailabilityZone?: string;
  }[];
}

/** RDS asks EC2 where the subnets are, and wants two zones of one VPC. */
async function placeSubnets(
  core: SandboxCore,
  region: string,
  ids: readonly string[],
): Promise<Pick<SubnetGroupRow, 'vpcId' | 'subnets'>> {
  const found = await describeSubnets(core, region, ids);
  // A sandbox put together without EC2 has no subnets to check: each counts as a zone of its own.
  const subnets = ids.map((id, index) => ({
    id,
    zone: found?.find((one) => one.SubnetId === id)?.AvailabilityZone ?? `${region}${'abc'[index % 3]}`,
  }));
  const vpcs = new Set(found?.map((one) => one.VpcId) ?? []);
  if (vpcs.size > 1)
    throw new AwsError('InvalidSubnet', 'The DB instance and EC2 security group are in different VPCs.');
  if (new Set(subnets.map(({ zone }) => zone)).size < 2) {
    throw new AwsError(
      'DBSubnetGroupDoesNotCoverEnoughAZs',
      "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: " +
        `${subnets.map(({ zone }) => zone).join(', ') || 'none'}. Add subnets to cover at least 2 AZs.`,
    );
  }
  return { vpcId: [...vpcs][0], subnets };
}

async function describeSubnets(
  core: SandboxCore,
  region: string,
  ids: readonly string[],
): Promise<Described['Subnets']> {
  try {
    const answer = await core.invoke<Described>({
      service: 'ec2',
      operation: 'DescribeSubnets',
      region,
      input: { SubnetIds: [...ids] },
      principal: core.as('rds'),
    });
    return answer.Subnets ?? [];
  } catch (error) {
    if (codeOf(error) === 'UnsupportedOperation') return undefined;
    throw new AwsError('InvalidSubnet', error instanceof Error ? error.message : 'Some input subnets are invalid.');
  }
}
