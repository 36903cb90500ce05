/** Subnets: a part of the VPC's block in one Availability Zone, and the private addresses in it. */

import type {
  CreateSubnetCommandInput,
  CreateSubnetCommandOutput,
  DeleteSubnetCommandInput,
  DescribeSubnetsCommandInput,
  DescribeSubnetsCommandOutput,
  ModifySubnetAttributeCommandInput,
  Subnet,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { arnOf, askNew, askOn } from './asks.ts';
import { canonical, contains, formatAddress, overlaps, parseBlock, sizeOf } from './cidr.ts';
import { dependencyViolation, invalidParameter, notFound, required } from './errors.ts';
import { matching } from './filters.ts';
import { page } from './pages.ts';
import type { SubnetRow } from './rows.ts';
import { ec2Tables, newId } from './rows.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, specified, tagList, tagNew, tagsOf } from './tags.ts';
import { vpcOf } from './vpcs.ts';
import { zoneId, zonesOf } from './zones.ts';

/** Network, router, DNS, reserved and broadcast. */
const reservedAddresses = 5;

export function subnetOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    CreateSubnet: strictOperation<CreateSubnetCommandInput, Answer<CreateSubnetCommandOutput>>({
      name: 'CreateSubnet',
      members: ['VpcId', 'CidrBlock', 'AvailabilityZone', 'AvailabilityZoneId', 'TagSpecifications'],
      authorize: (input, call) => [
        askOn(core, call, 'CreateSubnet', 'vpc', input.VpcId),
        ...askNew(call, 'CreateSubnet', 'subnet', input.TagSpecifications),
      ],
      handle(input, call) {
        checkSpecifications(input.TagSpecifications, ['subnet']);
        const zone = zoneFor(call.region, input.AvailabilityZone, input.AvailabilityZoneId);
        const row = createSubnet(core, call.region, {
          vpcId: required(input.VpcId, 'vpcId'),
          cidr: required(input.CidrBlock, 'cidrBlock'),
          zone,
        });
        tagNew(core, call.region, row.id, specified(input.TagSpecifications, 'subnet'));
        return { Subnet: describe(core, call.region, row) };
      },
    }),
    DescribeSubnets: strictOperation<DescribeSubnetsCommandInput, Answer<DescribeSubnetsCommandOutput>>({
      name: 'DescribeSubnets',
      members: ['Filters', 'SubnetIds', 'NextToken', 'MaxResults'],
      handle(input, call) {
        const all =
          input.SubnetIds?.map((id) => subnetOf(core, call.region, id)) ??
          ec2Tables(core, call.region).subnets.values();
        const rows = matching(
          all,
          input.Filters,
          {
            'subnet-id': (row) => row.id,
            'vpc-id': (row) => row.vpcId,
            'availability-zone': (row) => row.zone,
            availabilityZone: (row) => row.zone,
            'availability-zone-id': (row) => zoneId(row.zone),
            'cidr-block': (row) => row.cidr,
            cidr: (row) => row.cidr,
            'map-public-ip-on-launch': (row) => String(row.mapPublicIp),
            'default-for-az': () => 'false',
            state: () => 'available',
            'owner-id': () => core.account,
          },
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { Subnets: cut.rows.map((row) => describe(core, call.region, row)), NextToken: cut.nextToken };
      },
    }),
    ModifySubnetAttribute: strictOperation<ModifySubnetAttributeCommandInput, object>({
      name: 'ModifySubnetAttribute',
      members: ['SubnetId', 'MapPublicIpOnLaunch'],
      authorize: (input, call) => [askOn(core, call, 'ModifySubnetAttribute', 'subnet', input.SubnetId)],
      handle(input, call) {
        const { id } = subnetOf(core, call.region, required(input.SubnetId, 'subnetId'));
        ec2Tables(core, call.region).subnets.update(id, (row) => ({
          ...row,
          mapPublicIp: input.MapPublicIpOnLaunch?.Value ?? row.mapPublicIp,
        }));
        return {};
      },
    }),
    DeleteSubnet: strictOperation<DeleteSubnetCommandInput, object>({
      name: 'DeleteSubnet',
      members: ['SubnetId'],
      authorize: (input, call) => [askOn(core, call, 'DeleteSubnet', 'subnet', input.SubnetId)],
      handle(input, call) {
        const { id } = subnetOf(core, call.region, required(input.SubnetId, 'subnetId'));
        const tables = ec2Tables(core, call.region);
        if (tables.interfaces.values().some((row) => row.subnetId === id)) throw dependencyViolation('subnet', id);
        for (const table of tables.routeTables.values()) {
          tables.routeTables.update(table.id, (row) => ({
            ...row,
            associations: row.associations.filter((one) => one.subnetId !== id),
          }));
        }
        tables.subnets.delete(id);
        tables.tags.delete(id);
        return {};
      },
    }),
  };
}

export function subnetOf(core: SandboxCore, region: string, id: string): SubnetRow {
  const row = ec2Tables(core, region).subnets.get(id);
  if (row === undefined) throw notFound('InvalidSubnetID.NotFound', 'subnet ID', id);
  return row;
}

/** Takes the next free private address of a subnet. */
export function takeAddress(core: SandboxCore, region: string, subnetId: string): string {
  const row = subnetOf(core, region, subnetId);
  const block = parseBlock(row.cidr);
  const { interfaces, subnets } = ec2Tables(core, region);
  const taken = new Set(interfaces.values().map((one) => one.privateAddress));
  const last = block === undefined ? 0 : sizeOf(block) - 2;
  // Addresses are handed out in turn, so that a fresh interface doesn't get the one just given back.
  for (let step = 0; step < last - 3; step++) {
    const host = 4 + ((row.nextHost - 4 + step) % (last - 3));
    const address = formatAddress((block?.base ?? 0) + host);
    if (taken.has(address)) continue;
    subnets.update(subnetId, (old) => ({ ...old, nextHost: host + 1 }));
    return address;
  }
  throw new AwsError(
    'InsufficientFreeAddressesInSubnet',
    `There are not enough free addresses in subnet '${subnetId}' to satisfy the requested number of instances.`,
  );
}

function zoneFor(region: string, name: string | undefined, id: string | undefined): string {
  const zones = zonesOf(region);
  const zone = name ?? (id === undefined ? zones[0] : zones.find((one) => zoneId(one) === id));
  if (zone === undefined || !zones.includes(zone)) {
    throw invalidParameter(
      `Value (${name ?? id}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.join(', ')}.`,
    );
  }
  return zone;
}

export function createSubnet(
  core: SandboxCore,
  region: string,
  { vpcId, cidr, zone, id = newId(core, 'subnet') }: { vpcId: string; cidr: string; zone: string; id?: string },
): SubnetRow {
  const vpc = vpcOf(core, region, vpcId);
  const block = parseBlock(cidr);
  if (block === undefined) {
    throw invalidParameter(`Value (${cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`);
  }
  const outer = parseBlock(vpc.cidr);
  if (block.bits < 16 || block.bits > 28 || outer === undefined || !contains(outer, block)) {
    throw new AwsError('InvalidSubnet.Range', `The CIDR '${cidr}' is invalid.`);
  }
  const { subnets } = ec2Tables(core, region);
  const clash = subnets.values().some((row) => {
    const other = row.vpcId === vpcId ? parseBlock(row.cidr) : undefined;
    return other !== undefined && overlaps(other, block);
  });
  if (clash) throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${cidr}' conflicts with another subnet`);
  return subnets.put(id, { id, vpcId, cidr: canonical(block), zone, mapPublicIp: false, nextHost: 4 });
}

function describe(core: SandboxCore, region: string, row: SubnetRow): Subnet {
  const block = parseBlock(row.cidr);
  const used = ec2Tables(core, region)
    .interfaces.values()
    .filter((one) => one.subnetId === row.id).length;
  return {
    SubnetId: row.id,
    SubnetArn: arnOf({ account: core.account, region }, 'subnet', row.id),
    VpcId: row.vpcId,
    OwnerId: core.account,
    CidrBlock: row.cidr,
    AvailabilityZone: row.zone,
    AvailabilityZoneId: zoneId(row.zone),
    AvailableIpAddressCount: (block === undefined ? 0 : sizeOf(block)) - reservedAddresses - used,
    MapPublicIpOnLaunch: row.mapPublicIp,
    AssignIpv6AddressOnCreation: false,
    DefaultForAz: false,
    State: 'available',
    Tags: tagList(tagsOf(core, region, row.id)),
  };
}
