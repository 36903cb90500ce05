/** The network of both Regions: VPC, public and private subnets, security groups, endpoints; or what of it isn't there yet in an existing VPC. */

import { CfnOutput, aws_ec2 as ec2, Fn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { defaultCidr, networkOf, subnetBits } from '../../workload/cidr.ts';
import type { Side } from '../../workload/judged.ts';
import { regionOf } from '../../workload/judged.ts';
import { acknowledge } from '../acknowledged.ts';
import type { Home, PartProps } from '../part.ts';
import { idOf, Part, zones } from '../part.ts';
import type { Place } from '../place.ts';
import { bothSides } from '../place.ts';

/** Services the private side calls; S3 has a gateway endpoint, which costs nothing. */
const interfaceEndpoints = ['ssm', 'sqs', 'secretsmanager', 'kms'] as const;

/** Ids of what is there already; they may be tokens of another construct. */
export interface ExistingNetwork {
  readonly vpcId: string;
  /** Subnets with a route to an internet gateway, in two or more Availability Zones. */
  readonly publicSubnets: readonly string[];
  readonly privateSubnets: readonly string[];
  /**
   * Whether to make the interface endpoints the private side needs.
   * @default false
   */
  readonly endpoints?: boolean;
}

export interface NetworkProps extends PartProps {
  /**
   * Existing VPCs to stand in.
   * @default what the config says under `primary.network` and `recovery.network`; without that, a VPC is made
   */
  readonly existing?: Readonly<Partial<Record<Side, ExistingNetwork>>>;
}

/** A side's network, as the other parts need it. */
export interface NetworkSide {
  readonly vpcId: string;
  readonly publicSubnets: readonly string[];
  readonly privateSubnets: readonly string[];
  /** Ids of security groups: each admits the one before it, balancer to application to database. */
  readonly groups: Readonly<Record<'balancer' | 'application' | 'database' | 'functions', string>>;
}

export class Network extends Part {
  readonly sides: Readonly<Record<Side, NetworkSide>>;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id, props);
    this.sides = bothSides((side) => networkIn(this.homeOn(side), props.existing?.[side]));
  }
}

function networkIn(home: Home, given: ExistingNetwork | undefined): NetworkSide {
  const existing = given ?? existingOf(home.place);
  const made = existing === undefined ? newVpc(home) : undefined;
  const { vpcId, publicSubnets, privateSubnets } = existing ?? made ?? nothing();
  const groups = securityGroups(home, vpcId);
  if (made !== undefined) {
    const region = regionOf(home.place.workload, home.place.side);
    new ec2.CfnVPCEndpoint(home, 'S3Endpoint', {
      vpcId,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${region}.s3`,
      routeTableIds: [...made.privateTables],
    });
  }
  if (made !== undefined || existing?.endpoints === true) endpoints(home, { vpcId, privateSubnets, groups });
  new CfnOutput(home, 'VpcId', { value: vpcId });
  return { vpcId, publicSubnets, privateSubnets, groups };
}

const nothing = (): never => {
  throw new Error('a network is either there or made');
};

function existingOf({ workload, side }: Place): ExistingNetwork | undefined {
  const { network } = workload[side];
  if (network === undefined) return undefined;
  const { vpc, publicSubnets, privateSubnets, endpoints: wanted } = network;
  return { vpcId: vpc, publicSubnets, privateSubnets, endpoints: wanted };
}

function newVpc(home: Home) {
  const { place } = home;
  const cidr = place.workload[place.side].cidr ?? defaultCidr[place.side];
  const vpc = new ec2.CfnVPC(home, 'Vpc', {
    cidrBlock: cidr,
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags: [named(place, 'vpc')],
  });
  acknowledge(vpc, 'VPC7');
  const gateway = new ec2.CfnInternetGateway(home, 'InternetGateway', { tags: [named(place, 'internet')] });
  const attached = new ec2.CfnVPCGatewayAttachment(home, 'InternetGatewayAttachment', {
    vpcId: vpc.ref,
    internetGatewayId: gateway.ref,
  });
  const network = networkOf(cidr);
  if (network === undefined) throw new Error(`${cidr} was accepted, and is no network.`);
  const blocks = Fn.cidr(vpc.attrCidrBlock, 4, String(subnetBits(network)));
  const subnets = { publicSubnets: [] as string[], privateSubnets: [] as string[], privateTables: [] as string[] };
  for (const [index, zone] of zones().entries()) {
    for (const kind of ['Public', 'Private'] as const) {
      const id = `${kind}Subnet${index + 1}`;
      const tags = [named(place, `${kind.toLowerCase()}-${index + 1}`)];
      const subnet = new ec2.CfnSubnet(home, id, {
        vpcId: vpc.ref,
        availabilityZone: zone,
        cidrBlock: Fn.select(kind === 'Public' ? index : index + 2, blocks),
        mapPublicIpOnLaunch: false,
        tags,
      });
      const table = new ec2.CfnRouteTable(home, `${id}Routes`, { vpcId: vpc.ref, tags });
      new ec2.CfnSubnetRouteTableAssociation(home, `${id}Association`, {
        subnetId: subnet.ref,
        routeTableId: table.ref,
      });
      if (kind === 'Public') {
        const route = new ec2.CfnRoute(home, `${id}Internet`, {
          routeTableId: table.ref,
          destinationCidrBlock: '0.0.0.0/0',
          gatewayId: gateway.ref,
        });
        route.addResourceDependency(attached);
        subnets.publicSubnets.push(subnet.ref);
      } else {
        subnets.privateSubnets.push(subnet.ref);
        subnets.privateTables.push(table.ref);
      }
    }
  }
  return { vpcId: vpc.ref, ...subnets };
}

/** Balancer to application to database, and nothing else: each group admits the one before it. */
function securityGroups(home: Home, vpcId: string): NetworkSide['groups'] {
  const { names, workload } = home.place;
  const group = (
    id: string,
    name: string,
    description: string,
    ingress: ec2.CfnSecurityGroup.IngressProperty[] = [],
  ): ec2.CfnSecurityGroup =>
    new ec2.CfnSecurityGroup(home, id, {
      vpcId,
      groupName: name,
      groupDescription: description,
      securityGroupIngress: ingress,
      securityGroupEgress: [{ ipProtocol: '-1', cidrIp: '0.0.0.0/0' }],
    });
  const from = (source: string, port: number, description: string): ec2.CfnSecurityGroup.IngressProperty => ({
    ipProtocol: 'tcp',
    fromPort: port,
    toPort: port,
    sourceSecurityGroupId: source,
    description,
  });
  const open = group(
    'BalancerGroup',
    names.securityGroups.balancer,
    'The load balancer: open to the internet',
    (workload.traffic.certificates === undefined ? [80] : [80, 443]).map((port) => ({
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      cidrIp: '0.0.0.0/0',
      description: 'customers',
    })),
  );
  acknowledge(open, 'EC23');
  const balancer = open.attrGroupId;
  const ports = Object.values(workload.compute).flatMap(({ serves, port }) => (serves === 'nothing' ? [] : [port]));
  const application = group(
    'ApplicationGroup',
    names.securityGroups.application,
    'The instances: reached by the load balancer only',
    [...new Set(ports)].map((port) => from(balancer, port, 'the load balancer')),
  ).attrGroupId;
  const functions = group('FunctionsGroup', names.securityGroups.functions, 'The SQL function').attrGroupId;
  const database = group(
    'DatabaseGroup',
    names.securityGroups.database,
    'The database: reached by the application and the SQL function only',
    [from(application, 3306, 'the application'), from(functions, 3306, 'the SQL function')],
  ).attrGroupId;
  return { balancer, application, functions, database };
}

function endpoints(
  home: Home,
  { vpcId, privateSubnets, groups }: Pick<NetworkSide, 'vpcId' | 'privateSubnets' | 'groups'>,
): void {
  const region = regionOf(home.place.workload, home.place.side);
  const endpointGroup = new ec2.CfnSecurityGroup(home, 'EndpointsGroup', {
    vpcId,
    groupDescription: 'Interface endpoints: reached by the application and the SQL function',
    securityGroupIngress: [groups.application, groups.functions].map((source) => ({
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      sourceSecurityGroupId: source,
      description: 'HTTPS',
    })),
  }).attrGroupId;
  for (const service of interfaceEndpoints) {
    new ec2.CfnVPCEndpoint(home, `${idOf(service)}Endpoint`, {
      vpcId,
      vpcEndpointType: 'Interface',
      serviceName: `com.amazonaws.${region}.${service}`,
      subnetIds: [...privateSubnets],
      securityGroupIds: [endpointGroup],
      privateDnsEnabled: true,
    });
  }
}

const named = ({ names }: Place, what: string) => ({ key: 'Name', value: `${names.prefix}-${what}` });
