/** The rows EC2 keeps, one table per kind and Region: plain JSON, times in milliseconds of AWS time. */

import type { SandboxCore, Table } from '../../contract.ts';

export interface VpcRow {
  readonly id: string;
  readonly cidr: string;
  readonly cidrAssociationId: string;
  readonly tenancy: string;
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
  readonly mainRouteTableId: string;
  readonly defaultGroupId: string;
  readonly networkAclId: string;
}

export interface SubnetRow {
  readonly id: string;
  readonly vpcId: string;
  readonly cidr: string;
  readonly zone: string;
  readonly mapPublicIp: boolean;
  /** The host number the next interface gets; EC2 keeps the first four and the last for itself. */
  readonly nextHost: number;
}

export interface InternetGatewayRow {
  readonly id: string;
  readonly vpcId?: string;
}

export interface NatGatewayRow {
  readonly id: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly interfaceId: string;
  readonly connectivity: 'public' | 'private';
  readonly allocationId?: string;
  readonly state: 'pending' | 'available' | 'deleting' | 'deleted';
  readonly createdAt: number;
  readonly deletedAt?: number;
  readonly privateAddress: string;
  readonly publicAddress?: string;
}

export interface AddressRow {
  readonly allocationId: string;
  readonly publicIp: string;
  readonly associationId?: string;
  /** The NAT gateway that holds the address. */
  readonly natGatewayId?: string;
}

export interface RouteRow {
  /** An IPv4 block, or the id of a prefix list. */
  readonly destination: string;
  /** `local`, or the id of a gateway, NAT gateway or endpoint. */
  readonly target: string;
  readonly origin: 'CreateRouteTable' | 'CreateRoute';
}

export interface RouteTableRow {
  readonly id: string;
  readonly vpcId: string;
  readonly routes: readonly RouteRow[];
  /** Without a subnet the association is the VPC's main one. */
  readonly associations: readonly { readonly id: string; readonly subnetId?: string }[];
}

export interface RuleRow {
  readonly id: string;
  readonly egress: boolean;
  /** `tcp`, `udp`, `icmp`, a number, or `-1` for all. */
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  /** Exactly one of the four says who. */
  readonly cidr4?: string;
  readonly cidr6?: string;
  readonly groupId?: string;
  readonly prefixListId?: string;
  readonly description?: string;
}

export interface SecurityGroupRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly rules: readonly RuleRow[];
}

export interface VpcEndpointRow {
  readonly id: string;
  readonly vpcId: string;
  readonly serviceName: string;
  readonly type: 'Gateway' | 'Interface';
  readonly routeTableIds: readonly string[];
  readonly subnetIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly interfaceIds: readonly string[];
  readonly privateDns: boolean;
  readonly policy: string;
  readonly state: 'pending' | 'available' | 'deleting';
  readonly createdAt: number;
}

/** One thing with an address in a subnet: an instance, a database, a function, a balancer, an endpoint, a NAT gateway. */
export interface InterfaceRow {
  readonly id: string;
  readonly kind: InterfaceKind;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly groupIds: readonly string[];
  /** The address in the VPC, as AWS's users see it. */
  readonly privateAddress: string;
  /** The 127/8 address its packets really come from; endpoints and NAT gateways have none. */
  readonly address?: string;
  readonly publicAddress?: string;
  readonly description: string;
  readonly createdAt: number;
}

export type InterfaceKind = 'instance' | 'database' | 'function' | 'balancer' | 'endpoint' | 'nat-gateway';

export interface Ec2Tables {
  readonly vpcs: Table<VpcRow>;
  readonly subnets: Table<SubnetRow>;
  readonly internetGateways: Table<InternetGatewayRow>;
  readonly natGateways: Table<NatGatewayRow>;
  readonly addresses: Table<AddressRow>;
  readonly routeTables: Table<RouteTableRow>;
  readonly securityGroups: Table<SecurityGroupRow>;
  readonly endpoints: Table<VpcEndpointRow>;
  readonly interfaces: Table<InterfaceRow>;
  /** By resource id. */
  readonly tags: Table<Readonly<Record<string, string>>>;
}

export function ec2Tables(core: SandboxCore, region: string): Ec2Tables {
  return {
    vpcs: core.table('ec2', region, 'vpcs'),
    subnets: core.table('ec2', region, 'subnets'),
    internetGateways: core.table('ec2', region, 'internet-gateways'),
    natGateways: core.table('ec2', region, 'nat-gateways'),
    addresses: core.table('ec2', region, 'addresses'),
    routeTables: core.table('ec2', region, 'route-tables'),
    securityGroups: core.table('ec2', region, 'security-groups'),
    endpoints: core.table('ec2', region, 'endpoints'),
    interfaces: core.table('ec2', region, 'interfaces'),
    tags: core.table('ec2', region, 'tags'),
  };
}

/** A new id of EC2's form: a prefix and 17 hexadecimal digits. */
export const newId = (core: SandboxCore, prefix: string): string => `${prefix}-${core.ids.hex(17)}`;
