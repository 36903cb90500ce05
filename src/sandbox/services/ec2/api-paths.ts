/**
 * The path from an interface in a VPC to an API of AWS: an endpoint of the service in the VPC, or the internet.
 *
 *  1. Private DNS sends every client of the VPC to its interface endpoint: where that endpoint's groups refuse them, nothing else is
 *     tried. S3's is the exception: what a gateway endpoint is routed for goes through the gateway.
 *  2. Endpoints serve their own Region; another Region's APIs, and the global ones, are on the internet.
 *  3. Rules are asked when a connection opens. On an established one only the route counts: revoking a rule doesn't end it.
 * Source: AWS PrivateLink Guide, "Access AWS services through AWS PrivateLink" and "Gateway endpoints"; Amazon VPC User Guide,
 * "Connection tracking".
 */

import type { Origin, SandboxCore } from '../../contract.ts';
import { wayOut } from './internet.ts';
import { interfaceAt } from './network-interfaces.ts';
import { mayNotLeave } from './reachability.ts';
import { routeTableFor } from './route-tables.ts';
import type { Ec2Tables, InterfaceRow, VpcEndpointRow } from './rows.ts';
import { ec2Tables } from './rows.ts';
import { groupsOf, mayEnter, mayLeave } from './rules.ts';
import { prefixListId, serviceNameOf } from './vpc-endpoints.ts';

export interface ApiAsked {
  /** The Region of the caller's interface. */
  readonly region: string;
  /** The 127/8 address the call comes from. */
  readonly fromAddress: string;
  /** As in endpoint names: `ssm`, `s3`. */
  readonly service: string;
  /** The Region whose API it is. */
  readonly toRegion: string;
  /** Whether the connection is open already. */
  readonly established?: boolean;
}

/** How the call arrives, or why it doesn't. Undefined when the address is no interface: no VPC is in the way. */
export type ApiPath = { readonly origin: Origin } | { readonly refused: string };

export function pathToApi(core: SandboxCore, asked: ApiAsked): ApiPath | undefined {
  const source = interfaceAt(core, asked.region, asked.fromAddress);
  if (source === undefined) return undefined;
  const tables = ec2Tables(core, asked.region);
  const endpoints =
    asked.toRegion === asked.region && !global.has(asked.service) ? endpointsFor(tables, source, asked) : [];
  const gateway = endpoints.find(({ type }) => type === 'Gateway');
  if (gateway !== undefined && isRouted(core, asked.region, source, gateway)) {
    return byGateway(tables, source, gateway, asked);
  }
  const interfaces = endpoints.filter(({ type, subnetIds }) => type === 'Interface' && subnetIds.length > 0);
  const named = interfaces.filter(({ privateDns }) => privateDns);
  if (named.length > 0) return byInterface(tables, source, named, asked);
  const direct = byInternet(core, tables, source, asked);
  if ('origin' in direct) return direct;
  // Without private DNS a client has to name the endpoint itself; the sandbox can't see whether it does, and takes it that it would.
  if (interfaces.length > 0) return byInterface(tables, source, interfaces, asked);
  if (gateway !== undefined) return refused(`${direct.refused} and ${gateway.id} isn't on its route table`);
  return refused(`${direct.refused} and the VPC has no endpoint for it`);
}

/** Whether the interface at `fromAddress` could open a connection to an API of its own Region now. */
export function reachesApi(core: SandboxCore, region: string, fromAddress: string, service: string): boolean {
  const path = pathToApi(core, { region, fromAddress, service, toRegion: region });
  return path === undefined || 'origin' in path;
}

/** Their endpoints are of one Region only, and the sandbox has none for them. */
const global: ReadonlySet<string> = new Set(['iam', 'route53']);

const refused = (why: string): { readonly refused: string } => ({ refused: why });

const endpointsFor = (tables: Ec2Tables, { vpcId }: InterfaceRow, { region, service }: ApiAsked): VpcEndpointRow[] =>
  tables.endpoints
    .values()
    .filter(
      (row) => row.vpcId === vpcId && row.serviceName === serviceNameOf(region, service) && row.state === 'available',
    );

const isRouted = (core: SandboxCore, region: string, { subnetId }: InterfaceRow, { serviceName }: VpcEndpointRow) =>
  routeTableFor(core, region, subnetId)?.routes.some(({ destination }) => destination === prefixListId(serviceName)) ??
  false;

function byGateway(tables: Ec2Tables, source: InterfaceRow, gateway: VpcEndpointRow, asked: ApiAsked): ApiPath {
  const to = { port: https, toSecurityGroups: [], prefixListId: prefixListId(gateway.serviceName) };
  return asked.established === true || mayLeave(tables, source, to)
    ? through(gateway, source)
    : refused(mayNotLeave(source, https));
}

function byInterface(
  tables: Ec2Tables,
  source: InterfaceRow,
  endpoints: readonly VpcEndpointRow[],
  asked: ApiAsked,
): ApiPath {
  const open = endpoints.find(({ groupIds }) => {
    const to = { port: https, toSecurityGroups: groupIds };
    return mayLeave(tables, source, to) && mayEnter(groupsOf(tables, groupIds), source, to);
  });
  const taken = open ?? (asked.established === true ? endpoints[0] : undefined);
  if (taken !== undefined) return through(taken, source);
  const groups = [...new Set(endpoints.flatMap(({ groupIds }) => groupIds))];
  if (!mayLeave(tables, source, { port: https, toSecurityGroups: groups })) return refused(mayNotLeave(source, https));
  return refused(
    `the security groups (${groups.join(', ')}) of ${endpoints.map(({ id }) => id).join(', ')} don't let it in on port ${https}`,
  );
}

function byInternet(
  core: SandboxCore,
  tables: Ec2Tables,
  source: InterfaceRow,
  asked: ApiAsked,
): { readonly origin: Origin } | { readonly refused: string } {
  const way = wayOut(core, asked.region, source);
  if ('missing' in way) return refused(way.missing);
  return asked.established === true || mayLeave(tables, source, { port: https, toSecurityGroups: [] })
    ? { origin: { address: way.address } }
    : refused(mayNotLeave(source, https));
}

const https = 443;

const through = ({ id, policy }: VpcEndpointRow, { vpcId, privateAddress }: InterfaceRow): ApiPath => ({
  origin: { address: privateAddress, endpoint: { id, vpcId, policy } },
});
