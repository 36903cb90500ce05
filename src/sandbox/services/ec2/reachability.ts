/**
 * Who may connect to whom: what security groups, routes, gateways and endpoints allow. Services put their addresses into the
 * registry (`registerInterface`) and ask here before they let a connection through; the answer is computed anew each time.
 *
 * Invariants:
 *  1. A source is known by the 127/8 address its packets come from. One that is no interface of this Region stands outside its VPCs.
 *  2. Private things admit only interfaces of their own VPC: never another Region's, never the internet's.
 *  3. A security group allows what any of its rules allows; connections are judged when they open.
 */

import type { SandboxCore } from '../../contract.ts';
import { contains, holds, overlaps, parseBlock } from './cidr.ts';
import { interfaceAt } from './network-interfaces.ts';
import { routeTableFor } from './route-tables.ts';
import type { Ec2Tables, InterfaceRow, RuleRow } from './rows.ts';
import { ec2Tables } from './rows.ts';
import { prefixListId, serviceNameOf } from './vpc-endpoints.ts';

export interface ConnectionAsked {
  /** The 127/8 address the connection comes from. */
  readonly fromAddress: string;
  /** The security groups of what it goes to. */
  readonly toSecurityGroups: readonly string[];
  /** The port as AWS's users know it (80, 3306), not the one really bound. */
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp';
}

/** Whether the interface at `fromAddress` may connect to something private with these security groups. */
export function admits(core: SandboxCore, region: string, asked: ConnectionAsked): boolean {
  const source = interfaceAt(core, region, asked.fromAddress);
  if (source === undefined) return false;
  const tables = ec2Tables(core, region);
  const target = groupsOf(tables, asked.toSecurityGroups);
  if (target.length === 0 || target.some((group) => group.vpcId !== source.vpcId)) return false;
  return (
    mayLeave(tables, source, asked) && target.some((group) => group.rules.some((rule) => mayEnter(rule, source, asked)))
  );
}

/**
 * Whether a connection from anywhere may reach something with a public address: its groups must allow the internet (or the
 * source's group, from inside the VPC), its subnet must have a way in, and a source inside a VPC must have a way out.
 */
export function admitsFromInternet(
  core: SandboxCore,
  region: string,
  asked: ConnectionAsked & { readonly toSubnets: readonly string[] },
): boolean {
  const tables = ec2Tables(core, region);
  if (!asked.toSubnets.some((subnetId) => routesToInternetGateway(core, region, subnetId))) return false;
  const place = core.network.placeOf(asked.fromAddress);
  const source = core.regions.includes(place) ? interfaceAt(core, place, asked.fromAddress) : undefined;
  if (source !== undefined && !reachesInternet(core, place, asked.fromAddress)) return false;
  // From inside, the name answers public addresses: the packet has left the VPC and carries no group any more.
  return groupsOf(tables, asked.toSecurityGroups).some((group) =>
    group.rules.some((rule) => !rule.egress && coversPort(rule, asked) && rule.cidr4 === '0.0.0.0/0'),
  );
}

/** Whether an interface's packets get out to the internet: by a public address and a gateway, or by a NAT gateway. */
export function reachesInternet(core: SandboxCore, region: string, fromAddress: string): boolean {
  const source = interfaceAt(core, region, fromAddress);
  if (source === undefined) return false;
  const tables = ec2Tables(core, region);
  if (!mayLeave(tables, source, { port: 443, toSecurityGroups: [] })) return false;
  if (source.publicAddress !== undefined && routesToInternetGateway(core, region, source.subnetId)) return true;
  const nat = tables.natGateways.get(defaultTarget(core, region, source.subnetId) ?? '');
  return (
    nat !== undefined &&
    nat.connectivity === 'public' &&
    nat.state === 'available' &&
    routesToInternetGateway(core, region, nat.subnetId)
  );
}

/**
 * Whether the interface at `fromAddress` reaches an API of AWS in its own Region (`service` as in endpoint names: `ssm`, `s3`):
 * by an endpoint in its VPC, or over the internet. An address that is no interface (a function outside a VPC) always does.
 */
export function reachesApi(core: SandboxCore, region: string, fromAddress: string, service: string): boolean {
  const source = interfaceAt(core, region, fromAddress);
  if (source === undefined) return true;
  const tables = ec2Tables(core, region);
  const name = serviceNameOf(region, service);
  const endpoints = tables.endpoints
    .values()
    .filter((row) => row.vpcId === source.vpcId && row.serviceName === name && row.state === 'available');
  const byInterface = endpoints.filter((row) => row.type === 'Interface' && row.privateDns && row.subnetIds.length > 0);
  // Private DNS sends every client of the VPC to the endpoint: where its group refuses them, nothing else is tried.
  if (byInterface.length > 0) {
    return byInterface.some((row) => admits(core, region, { fromAddress, toSecurityGroups: row.groupIds, port: 443 }));
  }
  const list = prefixListId(name);
  const routed =
    routeTableFor(core, region, source.subnetId)?.routes.some((route) => route.destination === list) ?? false;
  return (
    (routed && mayLeave(tables, source, { port: 443, toSecurityGroups: [], prefixListId: list })) ||
    reachesInternet(core, region, fromAddress)
  );
}

const groupsOf = (tables: Ec2Tables, ids: readonly string[]) =>
  ids.flatMap((id) => tables.securityGroups.get(id) ?? []);

interface Destination {
  readonly toSecurityGroups: readonly string[];
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp';
  readonly prefixListId?: string;
}

/**
 * The source's own groups must let it out: to the group, to the list, or to a block. Where in the VPC a target is isn't asked: a
 * block that has a part of the VPC lets out to all of it.
 */
function mayLeave(tables: Ec2Tables, source: InterfaceRow, to: Destination): boolean {
  const inside = to.toSecurityGroups.length > 0 ? tables.vpcs.get(source.vpcId)?.cidr : undefined;
  const covers = (block: string): boolean => {
    const allowed = parseBlock(block);
    const vpc = parseBlock(inside ?? '0.0.0.0/0');
    if (allowed === undefined || vpc === undefined) return false;
    return inside === undefined ? contains(allowed, vpc) : overlaps(allowed, vpc);
  };
  return groupsOf(tables, source.groupIds).some((group) =>
    group.rules.some((rule) => {
      if (!rule.egress || !coversPort(rule, to)) return false;
      if (rule.groupId !== undefined) return to.toSecurityGroups.includes(rule.groupId);
      if (rule.prefixListId !== undefined) return rule.prefixListId === to.prefixListId;
      return rule.cidr4 !== undefined && covers(rule.cidr4);
    }),
  );
}

function mayEnter(rule: RuleRow, source: InterfaceRow, asked: ConnectionAsked): boolean {
  if (rule.egress || !coversPort(rule, asked)) return false;
  if (rule.groupId !== undefined) return source.groupIds.includes(rule.groupId);
  return rule.cidr4 !== undefined && holds(rule.cidr4, source.privateAddress);
}

function coversPort(rule: RuleRow, { port, protocol = 'tcp' }: { port: number; protocol?: 'tcp' | 'udp' }): boolean {
  if (rule.protocol === '-1') return true;
  return rule.protocol === protocol && rule.fromPort <= port && port <= rule.toPort;
}

const defaultTarget = (core: SandboxCore, region: string, subnetId: string): string | undefined =>
  routeTableFor(core, region, subnetId)?.routes.find((route) => route.destination === '0.0.0.0/0')?.target;

function routesToInternetGateway(core: SandboxCore, region: string, subnetId: string): boolean {
  const tables = ec2Tables(core, region);
  const gateway = tables.internetGateways.get(defaultTarget(core, region, subnetId) ?? '');
  return gateway?.vpcId !== undefined && gateway.vpcId === tables.subnets.get(subnetId)?.vpcId;
}
