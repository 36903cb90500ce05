/** The ways between a VPC and the internet: a public address and an internet gateway, or a NAT gateway. */

import type { SandboxCore } from '../../contract.ts';
import { routeTableFor } from './route-tables.ts';
import type { InterfaceRow, NatGatewayRow } from './rows.ts';
import { ec2Tables } from './rows.ts';

/** The public address packets of an interface carry on the internet, or why none gets there. Rules of groups aren't asked. */
export type WayOut = { readonly address: string } | { readonly missing: string };

export function wayOut(core: SandboxCore, region: string, source: InterfaceRow): WayOut {
  const tables = ec2Tables(core, region);
  const { subnetId } = source;
  const target = defaultTarget(core, region, subnetId);
  if (target === undefined) return { missing: `subnet ${subnetId} has no route to it` };
  if (routesToInternetGateway(core, region, subnetId)) {
    return source.publicAddress === undefined
      ? { missing: `subnet ${subnetId} routes to ${target}, and it has no public address` }
      : { address: source.publicAddress };
  }
  const nat = tables.natGateways.get(target);
  if (nat === undefined) return { missing: `the default route of subnet ${subnetId} leads nowhere (${target})` };
  return throughNat(core, region, nat);
}

/** Whether the subnet's default route leads to an internet gateway of its VPC. */
export function routesToInternetGateway(core: SandboxCore, region: string, subnetId: string): boolean {
  const tables = ec2Tables(core, region);
  const gateway = tables.internetGateways.get(defaultTarget(core, region, subnetId) ?? '');
  return gateway?.vpcId !== undefined && gateway.vpcId === tables.subnets.get(subnetId)?.vpcId;
}

function throughNat(core: SandboxCore, region: string, nat: NatGatewayRow): WayOut {
  if (nat.state !== 'available') return { missing: `NAT gateway ${nat.id} is ${nat.state}` };
  if (nat.connectivity !== 'public' || nat.publicAddress === undefined)
    return { missing: `NAT gateway ${nat.id} is private` };
  return routesToInternetGateway(core, region, nat.subnetId)
    ? { address: nat.publicAddress }
    : { missing: `subnet ${nat.subnetId} of NAT gateway ${nat.id} has no route to an internet gateway` };
}

const defaultTarget = (core: SandboxCore, region: string, subnetId: string): string | undefined =>
  routeTableFor(core, region, subnetId)?.routes.find((route) => route.destination === '0.0.0.0/0')?.target;
