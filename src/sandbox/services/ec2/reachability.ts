/**
 * Who may connect to whom: what security groups, routes and gateways allow. Services put their addresses into the registry
 * (`registerInterface`) and ask here before they let a connection through; the answer is computed anew each time.
 *
 * Invariants:
 *  1. A source is known by the 127/8 address its packets come from. One that is no interface of this Region stands outside its VPCs.
 *  2. Private things admit only interfaces of their own VPC: never another Region's, never the internet's.
 *  3. A refusal says why, in the words of who has to mend it.
 */

import type { SandboxCore } from '../../contract.ts';
import { routesToInternetGateway, wayOut } from './internet.ts';
import { interfaceAt } from './network-interfaces.ts';
import type { InterfaceRow } from './rows.ts';
import { ec2Tables } from './rows.ts';
import type { Destination } from './rules.ts';
import { groupsOf, isOpenToInternet, mayEnter, mayLeave } from './rules.ts';

export interface ConnectionAsked extends Destination {
  /** The 127/8 address the connection comes from. */
  readonly fromAddress: string;
}

/** For something with a public address. */
export interface InternetAsked extends ConnectionAsked {
  readonly toSubnets: readonly string[];
}

/** Whether the interface at `fromAddress` may connect to something private with these security groups. */
export const admits = (core: SandboxCore, region: string, asked: ConnectionAsked): boolean =>
  refusal(core, region, asked) === undefined;

/** Why not; undefined when it may. */
export function refusal(core: SandboxCore, region: string, asked: ConnectionAsked): string | undefined {
  const tables = ec2Tables(core, region);
  const target = groupsOf(tables, asked.toSecurityGroups);
  const [first] = target;
  if (first === undefined) return 'it has no security group';
  const source = interfaceAt(core, region, asked.fromAddress);
  if (source === undefined) return `it is private to ${first.vpcId}, and the caller stands outside of it`;
  if (target.some((group) => group.vpcId !== source.vpcId)) {
    return `it is in ${first.vpcId}, the caller in ${source.vpcId}, and nothing connects the two`;
  }
  if (!mayLeave(tables, source, asked)) return mayNotLeave(source, asked.port);
  if (mayEnter(target, source, asked)) return undefined;
  const groups = asked.toSecurityGroups.join(', ');
  return `no rule of its security groups (${groups}) lets ${source.groupIds.join(', ')} in on port ${asked.port}`;
}

/**
 * Whether a connection from anywhere may reach something with a public address: its groups must allow the internet (or the
 * source's group, from inside the VPC), its subnet must have a way in, and a source inside a VPC must have a way out.
 */
export const admitsFromInternet = (core: SandboxCore, region: string, asked: InternetAsked): boolean =>
  refusalFromInternet(core, region, asked) === undefined;

/** Why not; undefined when it may. */
export function refusalFromInternet(core: SandboxCore, region: string, asked: InternetAsked): string | undefined {
  const { toSubnets, toSecurityGroups, port, fromAddress } = asked;
  if (!toSubnets.some((subnetId) => routesToInternetGateway(core, region, subnetId))) {
    return `its subnets (${toSubnets.join(', ')}) have no route to an internet gateway`;
  }
  const place = core.network.placeOf(fromAddress);
  const source = core.regions.includes(place) ? interfaceAt(core, place, fromAddress) : undefined;
  if (source !== undefined) {
    const missing = noWayOut(core, place, source, port);
    if (missing !== undefined) return missing;
  }
  // From inside, the name answers public addresses: the packet has left the VPC and carries no group any more.
  if (isOpenToInternet(groupsOf(ec2Tables(core, region), toSecurityGroups), asked)) return undefined;
  return `no rule of its security groups (${toSecurityGroups.join(', ')}) lets the internet in on port ${port}`;
}

/** Whether an interface's packets get out to the internet: by a public address and a gateway, or by a NAT gateway. */
export function reachesInternet(core: SandboxCore, region: string, fromAddress: string): boolean {
  const source = interfaceAt(core, region, fromAddress);
  return source !== undefined && noWayOut(core, region, source, 443) === undefined;
}

export const mayNotLeave = ({ groupIds }: InterfaceRow, port: number): string =>
  `no rule of its own security groups (${groupIds.join(', ')}) lets it out on port ${port}`;

function noWayOut(core: SandboxCore, region: string, source: InterfaceRow, port: number): string | undefined {
  const way = wayOut(core, region, source);
  if ('missing' in way) return way.missing;
  return mayLeave(ec2Tables(core, region), source, { port, toSecurityGroups: [] })
    ? undefined
    : mayNotLeave(source, port);
}
