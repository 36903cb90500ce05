/** The registry of network interfaces: everything in a Region that has an address in a subnet. */

import type {
  DescribeNetworkInterfacesCommandInput,
  DescribeNetworkInterfacesCommandOutput,
  NetworkInterface,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { invalidParameter, notFound } from './errors.ts';
import { matching } from './filters.ts';
import { networkChanged } from './network-changes.ts';
import { page } from './pages.ts';
import type { InterfaceKind, InterfaceRow } from './rows.ts';
import { ec2Tables, newId } from './rows.ts';
import { groupOf } from './security-groups.ts';
import { subnetOf, takeAddress } from './subnets.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { tagList, tagsOf } from './tags.ts';

export interface InterfaceSpec {
  readonly region: string;
  readonly kind: InterfaceKind;
  readonly subnetId: string;
  /** The VPC's default group when empty. */
  readonly securityGroupIds: readonly string[];
  /** The 127/8 address its packets come from (`network.allocate`); none for what sends nothing itself. */
  readonly address?: string;
  readonly publicAddress?: string;
  readonly description?: string;
}

/** Puts an interface into a subnet: it gets an id and a private address there. Refuses groups of another VPC. */
export function registerInterface(core: SandboxCore, spec: InterfaceSpec): InterfaceRow {
  const subnet = subnetOf(core, spec.region, spec.subnetId);
  const tables = ec2Tables(core, spec.region);
  const groupIds = checkedGroups(core, spec.region, subnet.vpcId, spec.securityGroupIds);
  const id = newId(core, 'eni');
  const row = tables.interfaces.put(id, {
    id,
    kind: spec.kind,
    vpcId: subnet.vpcId,
    subnetId: subnet.id,
    groupIds,
    privateAddress: takeAddress(core, spec.region, subnet.id),
    description: spec.description ?? '',
    createdAt: core.region(spec.region).clock.now(),
    ...(spec.address === undefined ? {} : { address: spec.address }),
    ...(spec.publicAddress === undefined ? {} : { publicAddress: spec.publicAddress }),
  });
  networkChanged(core, spec.region);
  return row;
}

/** Gives an interface other security groups. */
export function regroupInterface(
  core: SandboxCore,
  region: string,
  id: string,
  securityGroupIds: readonly string[],
): void {
  ec2Tables(core, region).interfaces.update(id, (row) => ({
    ...row,
    groupIds: checkedGroups(core, region, row.vpcId, securityGroupIds),
  }));
  networkChanged(core, region);
}

export function unregisterInterface(core: SandboxCore, region: string, id: string): void {
  ec2Tables(core, region).interfaces.delete(id);
  networkChanged(core, region);
}

/** The interface whose packets come from a 127/8 address. */
export const interfaceAt = (core: SandboxCore, region: string, address: string): InterfaceRow | undefined =>
  ec2Tables(core, region)
    .interfaces.values()
    .find((row) => row.address === address);

export function networkInterfaceOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    DescribeNetworkInterfaces: strictOperation<
      DescribeNetworkInterfacesCommandInput,
      Answer<DescribeNetworkInterfacesCommandOutput>
    >({
      name: 'DescribeNetworkInterfaces',
      members: ['Filters', 'NetworkInterfaceIds', 'NextToken', 'MaxResults'],
      handle(input, call) {
        const { interfaces } = ec2Tables(core, call.region);
        const all =
          input.NetworkInterfaceIds?.map((id) => {
            const row = interfaces.get(id);
            if (row === undefined) throw notFound('InvalidNetworkInterfaceID.NotFound', 'networkInterface ID', id);
            return row;
          }) ?? interfaces.values();
        const rows = matching(
          all,
          input.Filters,
          {
            'network-interface-id': (row) => row.id,
            'vpc-id': (row) => row.vpcId,
            'subnet-id': (row) => row.subnetId,
            'group-id': (row) => row.groupIds,
            'private-ip-address': (row) => row.privateAddress,
            'addresses.private-ip-address': (row) => row.privateAddress,
            'interface-type': interfaceType,
            description: (row) => row.description,
            status: () => 'in-use',
            'availability-zone': (row) => subnetOf(core, call.region, row.subnetId).zone,
          },
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { NetworkInterfaces: cut.rows.map((row) => describe(core, call.region, row)), NextToken: cut.nextToken };
      },
    }),
  };
}

function checkedGroups(core: SandboxCore, region: string, vpcId: string, ids: readonly string[]): readonly string[] {
  for (const id of ids) {
    if (groupOf(core, region, id).vpcId !== vpcId) {
      throw invalidParameter(`The security group '${id}' is not in the VPC '${vpcId}' of the subnet.`);
    }
  }
  if (ids.length > 0) return ids;
  const vpc = ec2Tables(core, region).vpcs.get(vpcId);
  if (vpc === undefined) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`);
  return [vpc.defaultGroupId];
}

const interfaceType = (row: InterfaceRow): string =>
  row.kind === 'endpoint'
    ? 'vpc_endpoint'
    : row.kind === 'nat-gateway'
      ? 'nat_gateway'
      : row.kind === 'function'
        ? 'lambda'
        : 'interface';

function describe(core: SandboxCore, region: string, row: InterfaceRow): NetworkInterface {
  return {
    NetworkInterfaceId: row.id,
    VpcId: row.vpcId,
    SubnetId: row.subnetId,
    AvailabilityZone: subnetOf(core, region, row.subnetId).zone,
    Description: row.description,
    Groups: row.groupIds.map((id) => ({
      GroupId: id,
      GroupName: ec2Tables(core, region).securityGroups.get(id)?.name ?? '',
    })),
    InterfaceType: interfaceType(row) as 'interface',
    OwnerId: core.account,
    PrivateIpAddress: row.privateAddress,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: row.privateAddress }],
    ...(row.publicAddress === undefined ? {} : { Association: { PublicIp: row.publicAddress, IpOwnerId: 'amazon' } }),
    RequesterManaged: row.kind !== 'instance',
    SourceDestCheck: true,
    Status: 'in-use',
    TagSet: tagList(tagsOf(core, region, row.id)),
  };
}
