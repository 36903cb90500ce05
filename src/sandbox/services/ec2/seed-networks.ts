/**
 * The networks an account has before a workload comes: VPCs under given ids, with public and private subnets, an internet gateway,
 * and the ways out of the private side. What isn't said gets what is usual; made by the same code as requests, and held to the same rules.
 */

import { usageError } from '../../../kernel/errors.ts';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { publicAddress } from './addresses.ts';
import { formatAddress, parseBlock } from './cidr.ts';
import { createNatGateway } from './nat-gateways.ts';
import type { RouteRow } from './rows.ts';
import { ec2Tables, newId } from './rows.ts';
import { allowAllOut } from './security-group-rules.ts';
import { createSubnet } from './subnets.ts';
import { createEndpoint, isGatewayService, serviceNameOf } from './vpc-endpoints.ts';
import { createVpc } from './vpcs.ts';
import { zonesOf } from './zones.ts';

export interface SeedNetwork {
  readonly region: string;
  /** vpc-… */
  readonly vpc: string;
  /** `10.0.0.0/16` unless said. */
  readonly cidr?: string;
  readonly subnets: readonly SeedSubnet[];
  /** Services with an endpoint: `s3` and `dynamodb` by a gateway, others by interfaces in the first private subnet of each zone. None unless said. */
  readonly endpoints?: readonly string[];
  /** Whether the private side reaches the internet, by one NAT gateway in the first public subnet. No, unless said. */
  readonly nat?: boolean;
}

export interface SeedSubnet {
  /** subnet-… */
  readonly id: string;
  readonly kind: 'public' | 'private';
  /** The next of its kind in turn, from `a`. */
  readonly zone?: string;
  /** The next free /24 of the VPC, or the next sixteenth of a smaller one. */
  readonly cidr?: string;
}

/** A sandbox that goes on has its networks already, as they were left. */
export function seedNetworks(core: SandboxCore, networks: readonly SeedNetwork[]): void {
  for (const network of networks) {
    if (!core.regions.includes(network.region)) {
      throw refused(network, `the sandbox has no Region ${network.region}`, core.regions.join(', '));
    }
    if (ec2Tables(core, network.region).vpcs.has(network.vpc)) continue;
    try {
      seed(core, network);
    } catch (error) {
      throw error instanceof AwsError ? refused(network, error.message) : error;
    }
  }
}

function seed(core: SandboxCore, network: SeedNetwork): void {
  const { region, vpc: vpcId, cidr = '10.0.0.0/16', endpoints = [], nat = false } = network;
  checkIds(network);
  const tables = ec2Tables(core, region);
  createVpc(core, region, { cidr, id: vpcId });
  tables.vpcs.update(vpcId, (row) => ({ ...row, dnsHostnames: true }));
  for (const { id, kind, ...subnet } of placed(network, cidr)) {
    if (tables.subnets.has(id)) throw refused(network, `${id} is there twice`, 'subnets of their own ids');
    createSubnet(core, region, { ...subnet, vpcId, id });
    if (kind === 'public') tables.subnets.update(id, (row) => ({ ...row, mapPublicIp: true }));
    tables.tags.put(id, { Name: `seeded-${kind}` });
  }
  tables.tags.put(vpcId, { Name: 'seeded' });
  const of = (kind: SeedSubnet['kind']) => network.subnets.filter((one) => one.kind === kind).map(({ id }) => id);
  const [publicIds, privateIds] = [of('public'), of('private')];

  const routes: Record<SeedSubnet['kind'], RouteRow[]> = { public: [], private: [] };
  const outwards = (target: string): RouteRow => ({ destination: '0.0.0.0/0', target, origin: 'CreateRoute' });
  const [firstPublic] = publicIds;
  if (firstPublic !== undefined) {
    const gateway = newId(core, 'igw');
    tables.internetGateways.put(gateway, { id: gateway, vpcId });
    routes.public.push(outwards(gateway));
  }
  if (nat) {
    if (firstPublic === undefined) throw refused(network, 'a NAT gateway stands in a public subnet, and there is none');
    routes.private.push(outwards(natGateway(core, region, firstPublic)));
  }
  const routeTableIds = (['public', 'private'] as const).map((kind) =>
    routeTable(core, region, { vpcId, cidr, routes: routes[kind], subnetIds: of(kind) }),
  );

  for (const service of endpoints) {
    const gateway = isGatewayService(service);
    const { id } = createEndpoint(core, region, {
      VpcId: vpcId,
      ServiceName: serviceNameOf(region, service),
      VpcEndpointType: gateway ? 'Gateway' : 'Interface',
      ...(gateway
        ? { RouteTableIds: routeTableIds }
        : { SubnetIds: onePerZone(core, region, privateIds), SecurityGroupIds: [endpointGroup(core, network, cidr)] }),
    });
    // It has been there for long.
    tables.endpoints.update(id, (row) => ({ ...row, state: 'available' }));
  }
}

function checkIds(network: SeedNetwork): void {
  const form = (prefix: string) => new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`);
  const wrong = [
    ...(form('vpc').test(network.vpc) ? [] : [network.vpc]),
    ...network.subnets.map(({ id }) => id).filter((id) => !form('subnet').test(id)),
  ];
  if (wrong.length === 0) return;
  throw refused(network, `${wrong.join(', ')} can't be an id`, 'vpc- or subnet- and 8 or 17 hexadecimal digits');
}

/** Every subnet with a zone and a block. */
function placed(network: SeedNetwork, cidr: string): (SeedSubnet & { readonly zone: string; readonly cidr: string })[] {
  const zones = zonesOf(network.region);
  const taken = new Set(network.subnets.flatMap((subnet) => subnet.cidr ?? []));
  const free = blocksOf(cidr).filter((block) => !taken.has(block));
  const counts = { public: 0, private: 0 };
  return network.subnets.map((subnet) => {
    const zone = subnet.zone ?? zones[counts[subnet.kind]++ % zones.length] ?? '';
    if (!zones.includes(zone)) throw refused(network, `${subnet.id} can't stand in ${zone}`, zones.join(', '));
    const block = subnet.cidr ?? free.shift();
    if (block === undefined) throw refused(network, `${cidr} has no room for ${subnet.id}`, 'a larger block');
    return { ...subnet, zone, cidr: block };
  });
}

function blocksOf(cidr: string): string[] {
  const outer = parseBlock(cidr);
  if (outer === undefined) return [];
  const bits = Math.min(28, Math.max(24, outer.bits + 4));
  const size = 2 ** (32 - bits);
  return Array.from(
    { length: 2 ** (bits - outer.bits) },
    (_, index) => `${formatAddress(outer.base + index * size)}/${bits}`,
  );
}

function routeTable(
  core: SandboxCore,
  region: string,
  {
    vpcId,
    cidr,
    routes,
    subnetIds,
  }: { vpcId: string; cidr: string; routes: readonly RouteRow[]; subnetIds: readonly string[] },
): string {
  const id = newId(core, 'rtb');
  ec2Tables(core, region).routeTables.put(id, {
    id,
    vpcId,
    routes: [{ destination: cidr, target: 'local', origin: 'CreateRouteTable' }, ...routes],
    associations: subnetIds.map((subnetId) => ({ id: newId(core, 'rtbassoc'), subnetId })),
  });
  return id;
}

function natGateway(core: SandboxCore, region: string, SubnetId: string): string {
  const { addresses, natGateways } = ec2Tables(core, region);
  const allocationId = newId(core, 'eipalloc');
  addresses.put(allocationId, { allocationId, publicIp: publicAddress(core) });
  const { id } = createNatGateway(core, region, { SubnetId, AllocationId: allocationId });
  natGateways.update(id, (row) => ({ ...row, state: 'available' }));
  return id;
}

/** Two interfaces of one endpoint can't stand in one zone. */
const onePerZone = (core: SandboxCore, region: string, subnetIds: readonly string[]): string[] => {
  const { subnets } = ec2Tables(core, region);
  const zone = (id: string): string | undefined => subnets.get(id)?.zone;
  return subnetIds.filter((id, index) => subnetIds.findIndex((other) => zone(other) === zone(id)) === index);
};

/** One group for all endpoints: HTTPS from anywhere in the VPC. */
function endpointGroup(core: SandboxCore, { region, vpc: vpcId }: SeedNetwork, cidr: string): string {
  const { securityGroups } = ec2Tables(core, region);
  const name = 'seeded-endpoints';
  const known = securityGroups.values().find((row) => row.vpcId === vpcId && row.name === name);
  if (known !== undefined) return known.id;
  const id = newId(core, 'sg');
  const https = { protocol: 'tcp', fromPort: 443, toPort: 443, cidr4: cidr };
  securityGroups.put(id, {
    id,
    name,
    description: 'HTTPS to the endpoints',
    vpcId,
    rules: [{ id: newId(core, 'sgr'), egress: false, ...https }, allowAllOut(core)],
  });
  return id;
}

const refused = ({ region, vpc }: SeedNetwork, why: string, allowed?: string): Error =>
  usageError(
    `The network ${vpc} in ${region} can't be there beforehand: ${why}.`,
    allowed === undefined ? {} : { allowed },
  );
