/** An existing network: the VPC, its subnets in two zones, and where their routes lead. */

import type { RouteTable, Subnet } from '@aws-sdk/client-ec2';
import type { AccountClients } from '../../aws/account-clients.ts';
import type { Workload } from '../../workload/config.ts';
import type { Side } from '../../workload/judged.ts';
import type { Existing } from './existing.ts';
import type { Problem } from './requirements.ts';

type Network = NonNullable<Workload[Side]['network']>;

export async function networkFindings(
  workload: Workload,
  side: Side,
  network: Network,
  clients: AccountClients,
): Promise<Existing> {
  const { region } = workload[side];
  const { vpc } = network;
  const field = `${side}.network`;
  const { DescribeRouteTablesCommand, DescribeSubnetsCommand, DescribeVpcsCommand } = await import(
    '@aws-sdk/client-ec2'
  );
  const client = await clients.ec2();
  // By filters: what isn't there is an empty answer then, and no error.
  const { Vpcs = [] } = await client.send(new DescribeVpcsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc] }] }));
  if (Vpcs.length === 0) {
    const next = `Correct ${field}.vpc, or leave ${field} out: then a VPC is made.`;
    return { problems: [{ region, what: `The VPC ${vpc} isn't there.`, next }], notes: [] };
  }
  const ids = [...new Set([...network.publicSubnets, ...network.privateSubnets])];
  const { Subnets = [] } = await client.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'subnet-id', Values: ids }] }),
  );
  const { RouteTables = [] } = await client.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc] }] }),
  );
  const kinds = ['publicSubnets', 'privateSubnets'] as const;
  const closed = network.publicSubnets.filter(
    (id) => standsIn(Subnets, id, vpc) && !isPublic(tableOf(RouteTables, id)),
  );
  const problems: Problem[] = [
    ...(await nameProblems(clients, region, vpc)),
    ...kinds.flatMap((kind) => misplaced(Subnets, network[kind], vpc, `${field}.${kind}`)),
    ...kinds.flatMap((kind) => inOneZone(Subnets, network[kind], `${field}.${kind}`)),
    ...closed.map((id) => ({
      what: `The subnet ${id} has no route to an internet gateway: the load balancer would be reached by nobody.`,
      next: `Give its route table a route 0.0.0.0/0 to an internet gateway, or correct ${field}.publicSubnets.`,
    })),
  ];
  const shut = network.endpoints ? [] : network.privateSubnets.filter((id) => !leadsOut(tableOf(RouteTables, id)));
  const notes = shut
    .filter((id) => standsIn(Subnets, id, vpc))
    .map(
      (id) =>
        `${region}: the private subnet ${id} has no default route. Unless its endpoints lead to SSM, SQS, Secrets Manager and KMS, instances and the SQL function reach none of them: ${field}.endpoints makes them.`,
    );
  return { problems: problems.map((problem) => ({ region, ...problem })), notes };
}

/** Endpoints of databases, and of services, are names. */
async function nameProblems(clients: AccountClients, region: string, VpcId: string): Promise<Problem[]> {
  const { DescribeVpcAttributeCommand } = await import('@aws-sdk/client-ec2');
  const client = await clients.ec2();
  const [support, hostnames] = await Promise.all([
    client.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsSupport' })),
    client.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsHostnames' })),
  ]);
  const off = [
    ...(support.EnableDnsSupport?.Value === false ? ['dns-support'] : []),
    ...(hostnames.EnableDnsHostnames?.Value === false ? ['dns-hostnames'] : []),
  ];
  return off.map((attribute) => ({
    what: `The VPC ${VpcId} has ${attribute === 'dns-support' ? 'DNS support' : 'DNS host names'} off.`,
    next: `Run \`aws ec2 modify-vpc-attribute --region ${region} --vpc-id ${VpcId} --enable-${attribute}\`.`,
  }));
}

function misplaced(found: readonly Subnet[], wanted: readonly string[], vpc: string, field: string): Problem[] {
  return wanted.flatMap((id) => {
    const subnet = found.find(({ SubnetId }) => SubnetId === id);
    if (subnet?.VpcId === vpc) return [];
    const what =
      subnet === undefined ? `The subnet ${id} isn't there.` : `The subnet ${id} is of ${subnet.VpcId}, not of ${vpc}.`;
    return [{ what, next: `Correct ${field}: subnets of ${vpc}.` }];
  });
}

/** A load balancer and a database's subnet group want two zones. */
function inOneZone(found: readonly Subnet[], wanted: readonly string[], field: string): Problem[] {
  const subnets = found.filter(({ SubnetId = '' }) => wanted.includes(SubnetId));
  const zones = new Set(subnets.map(({ AvailabilityZone }) => AvailabilityZone));
  if (subnets.length < 2 || zones.size > 1) return [];
  return [
    {
      what: `The subnets ${subnets.map(({ SubnetId }) => SubnetId).join(' and ')} are all in ${[...zones].join()}.`,
      next: `Name subnets of two or more Availability Zones in ${field}.`,
    },
  ];
}

const standsIn = (found: readonly Subnet[], id: string, vpc: string): boolean =>
  found.some(({ SubnetId, VpcId }) => SubnetId === id && VpcId === vpc);

/** A subnet without a table of its own has the VPC's main one. */
const tableOf = (tables: readonly RouteTable[], subnet: string): RouteTable | undefined =>
  tables.find(({ Associations = [] }) => Associations.some(({ SubnetId }) => SubnetId === subnet)) ??
  tables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main === true));

const defaultRoutes = (table: RouteTable | undefined) =>
  (table?.Routes ?? []).filter(
    ({ DestinationCidrBlock, State }) => DestinationCidrBlock === '0.0.0.0/0' && State !== 'blackhole',
  );

const leadsOut = (table: RouteTable | undefined): boolean => defaultRoutes(table).length > 0;

const isPublic = (table: RouteTable | undefined): boolean =>
  defaultRoutes(table).some(({ GatewayId = '' }) => GatewayId.startsWith('igw-'));
