/** Application load balancers: created, described, changed, deleted. */

import type {
  CreateLoadBalancerCommandInput,
  CreateLoadBalancerCommandOutput,
  DeleteLoadBalancerCommandInput,
  DescribeLoadBalancerAttributesCommandInput,
  DescribeLoadBalancerAttributesCommandOutput,
  DescribeLoadBalancersCommandInput,
  DescribeLoadBalancersCommandOutput,
  LoadBalancer,
  ModifyLoadBalancerAttributesCommandInput,
  ModifyLoadBalancerAttributesCommandOutput,
  SetSecurityGroupsCommandInput,
  SetSecurityGroupsCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { registerInterface, regroupInterface, unregisterInterface } from '../ec2/network-interfaces.ts';
import { page } from '../ec2/pages.ts';
import { ec2Tables } from '../ec2/rows.ts';
import { subnetOf } from '../ec2/subnets.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { attributeList, balancerAttributes, changedAttributes, initialAttributes } from './attributes.ts';
import type { Balancing } from './balancing.ts';
import { balancerOf, validationError } from './lookup.ts';
import type { BalancerRow } from './rows.ts';
import { balancingTables, elbArn } from './rows.ts';
import { askNew, askOn, putTags } from './tags.ts';
import { hostedZoneOf } from './zones.ts';

/** Seconds: what AWS answers for its own load balancers' names. */
const nameTtl = 60;

export function loadBalancerOperations(core: SandboxCore, balancing: Balancing): Record<string, AnyOperation> {
  return {
    CreateLoadBalancer: strictOperation<CreateLoadBalancerCommandInput, Answer<CreateLoadBalancerCommandOutput>>({
      name: 'CreateLoadBalancer',
      members: ['Name', 'Subnets', 'SubnetMappings', 'SecurityGroups', 'Scheme', 'Tags', 'Type', 'IpAddressType'],
      authorize: (input, call) =>
        askNew(core, call, 'CreateLoadBalancer', `loadbalancer/app/${input.Name}/*`, input.Tags),
      handle(input, call) {
        const row = createBalancer(core, call.region, input);
        putTags(core, call.region, row.arn, input.Tags);
        becomeActive(core, call.region, row.arn, balancing);
        return { LoadBalancers: [describe(row)] };
      },
    }),
    DescribeLoadBalancers: strictOperation<
      DescribeLoadBalancersCommandInput,
      Answer<DescribeLoadBalancersCommandOutput>
    >({
      name: 'DescribeLoadBalancers',
      members: ['LoadBalancerArns', 'Names', 'Marker', 'PageSize'],
      handle(input, call) {
        const cut = page(balancersNamed(core, call.region, input), input.PageSize, input.Marker, 400);
        return { LoadBalancers: cut.rows.map(describe), NextMarker: cut.nextToken };
      },
    }),
    DeleteLoadBalancer: strictOperation<DeleteLoadBalancerCommandInput, object>({
      name: 'DeleteLoadBalancer',
      members: ['LoadBalancerArn'],
      authorize: (input, call) => [askOn(core, call, 'DeleteLoadBalancer', input.LoadBalancerArn)],
      handle(input, call) {
        const row = balancingTables(core, call.region).balancers.get(input.LoadBalancerArn ?? '');
        // Deleting one that isn't there succeeds.
        if (row !== undefined) deleteBalancer(core, call.region, row);
        balancing.changed(call.region);
        return {};
      },
    }),
    SetSecurityGroups: strictOperation<SetSecurityGroupsCommandInput, Answer<SetSecurityGroupsCommandOutput>>({
      name: 'SetSecurityGroups',
      members: ['LoadBalancerArn', 'SecurityGroups'],
      authorize: (input, call) => [askOn(core, call, 'SetSecurityGroups', input.LoadBalancerArn)],
      handle(input, call) {
        const row = balancerOf(core, call.region, input.LoadBalancerArn);
        const groupIds = input.SecurityGroups ?? [];
        if (groupIds.length === 0) throw validationError('At least one security group must be specified');
        regroupInterface(core, call.region, row.interfaceId, groupIds);
        balancingTables(core, call.region).balancers.put(row.arn, { ...row, groupIds });
        balancing.changed(call.region);
        return { SecurityGroupIds: groupIds };
      },
    }),
    DescribeLoadBalancerAttributes: strictOperation<
      DescribeLoadBalancerAttributesCommandInput,
      Answer<DescribeLoadBalancerAttributesCommandOutput>
    >({
      name: 'DescribeLoadBalancerAttributes',
      members: ['LoadBalancerArn'],
      handle: (input, call) => ({
        Attributes: attributeList(balancerOf(core, call.region, input.LoadBalancerArn).attributes),
      }),
    }),
    ModifyLoadBalancerAttributes: strictOperation<
      ModifyLoadBalancerAttributesCommandInput,
      Answer<ModifyLoadBalancerAttributesCommandOutput>
    >({
      name: 'ModifyLoadBalancerAttributes',
      members: ['LoadBalancerArn', 'Attributes'],
      authorize: (input, call) => [askOn(core, call, 'ModifyLoadBalancerAttributes', input.LoadBalancerArn)],
      handle(input, call) {
        const row = balancerOf(core, call.region, input.LoadBalancerArn);
        const attributes = changedAttributes(balancerAttributes, row.attributes, input.Attributes);
        balancingTables(core, call.region).balancers.put(row.arn, { ...row, attributes });
        balancing.changed(call.region);
        return { Attributes: attributeList(attributes) };
      },
    }),
  };
}

function createBalancer(core: SandboxCore, region: string, input: CreateLoadBalancerCommandInput): BalancerRow {
  const name = checkedName(core, region, input.Name);
  const type = input.Type ?? 'application';
  if (type !== 'application') throw unsupported(`load balancers of type ${type}; it supports: application`);
  if (input.IpAddressType !== undefined && input.IpAddressType !== 'ipv4') {
    throw unsupported(`the address type ${input.IpAddressType}; it supports: ipv4`);
  }
  const subnets = subnetsOf(core, region, input);
  const [first] = subnets;
  const groupIds = input.SecurityGroups ?? [];
  const scheme = input.Scheme ?? 'internet-facing';
  const id = core.ids.hex(16);
  const address = core.network.allocate(region);
  const path = `app/${name}/${id}`;
  const nic = registerInterface(core, {
    region,
    kind: 'balancer',
    subnetId: first?.id ?? '',
    securityGroupIds: groupIds,
    address,
    description: `ELB ${path}`,
  });
  const row: BalancerRow = {
    arn: elbArn(core, region, `loadbalancer/${path}`),
    name,
    path,
    dnsName: `${scheme === 'internal' ? 'internal-' : ''}${name}-${Number.parseInt(id.slice(0, 7), 16)}.${region}.elb.amazonaws.com`,
    zoneId: hostedZoneOf(region),
    scheme,
    state: 'provisioning',
    createdAt: core.region(region).clock.now(),
    vpcId: nic.vpcId,
    subnets,
    groupIds: nic.groupIds,
    address,
    interfaceId: nic.id,
    attributes: initialAttributes(balancerAttributes),
  };
  publishName(core, row);
  return balancingTables(core, region).balancers.put(row.arn, row);
}

function becomeActive(core: SandboxCore, region: string, arn: string, balancing: Balancing): void {
  core.region(region).clock.after(core.timing.milliseconds('alb_create_active'), () => {
    balancingTables(core, region).balancers.update(arn, (old) => ({ ...old, state: 'active' }));
    balancing.changed(region);
  });
}

const publishName = (core: SandboxCore, { dnsName, address }: BalancerRow): void =>
  core.network.name(dnsName, ({ type: asked }) => ({ ttl: nameTtl, values: asked === 'A' ? [address] : [] }));

/** The balancers of an earlier life have their names again; those being made are made from the beginning. */
export function resumeBalancers(core: SandboxCore, region: string, balancing: Balancing): void {
  for (const row of balancingTables(core, region).balancers.values()) {
    publishName(core, row);
    if (row.state === 'provisioning') becomeActive(core, region, row.arn, balancing);
  }
}

function checkedName(core: SandboxCore, region: string, name: string | undefined): string {
  if (name === undefined || !/^(?!internal-)(?!-)[A-Za-z0-9-]{1,32}(?<!-)$/.test(name)) {
    throw validationError(
      `The load balancer name '${name}' must be 1 to 32 letters, digits and hyphens, not begin or end with a hyphen, and not begin with 'internal-'`,
    );
  }
  if (
    balancingTables(core, region)
      .balancers.values()
      .some((row) => row.name === name)
  ) {
    throw new AwsError('DuplicateLoadBalancerName', `A load balancer with the name '${name}' already exists`);
  }
  return name;
}

function subnetsOf(core: SandboxCore, region: string, input: CreateLoadBalancerCommandInput): BalancerRow['subnets'] {
  const ids = input.Subnets ?? (input.SubnetMappings ?? []).map((mapping) => mapping.SubnetId ?? '');
  const rows = ids.map((id) => {
    if (!ec2Tables(core, region).subnets.has(id))
      throw new AwsError('SubnetNotFound', `The subnet ID '${id}' does not exist`);
    return subnetOf(core, region, id);
  });
  if (new Set(rows.map((row) => row.vpcId)).size > 1)
    throw new AwsError('InvalidSubnet', 'The subnets must be in one VPC');
  if (new Set(rows.map((row) => row.zone)).size < 2) {
    throw validationError('At least two subnets in two different Availability Zones must be specified');
  }
  if (new Set(rows.map((row) => row.zone)).size < rows.length) {
    throw new AwsError(
      'InvalidConfigurationRequest',
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
  }
  return rows.map(({ id, zone }) => ({ id, zone }));
}

function deleteBalancer(core: SandboxCore, region: string, row: BalancerRow): void {
  if (row.attributes['deletion_protection.enabled'] === 'true') {
    throw new AwsError(
      'OperationNotPermitted',
      `Load balancer '${row.arn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  const { balancers, listeners, rules, tags } = balancingTables(core, region);
  for (const listener of listeners.values().filter((one) => one.balancerArn === row.arn)) {
    for (const rule of rules.values().filter((one) => one.listenerArn === listener.arn)) rules.delete(rule.arn);
    listeners.delete(listener.arn);
  }
  balancers.delete(row.arn);
  tags.delete(row.arn);
  core.network.unname(row.dnsName);
  unregisterInterface(core, region, row.interfaceId);
  core.network.release(row.address);
}

function balancersNamed(core: SandboxCore, region: string, input: DescribeLoadBalancersCommandInput): BalancerRow[] {
  const all = balancingTables(core, region).balancers.values();
  if (input.LoadBalancerArns !== undefined && input.LoadBalancerArns.length > 0) {
    return input.LoadBalancerArns.map((arn) => balancerOf(core, region, arn));
  }
  if (input.Names === undefined || input.Names.length === 0) return all;
  return input.Names.map((name) => {
    const row = all.find((one) => one.name === name);
    if (row === undefined) throw new AwsError('LoadBalancerNotFound', `Load balancers '[${name}]' not found`);
    return row;
  });
}

const describe = (row: BalancerRow): LoadBalancer => ({
  LoadBalancerArn: row.arn,
  LoadBalancerName: row.name,
  DNSName: row.dnsName,
  CanonicalHostedZoneId: row.zoneId,
  CreatedTime: new Date(row.createdAt),
  Scheme: row.scheme,
  VpcId: row.vpcId,
  State: { Code: row.state },
  Type: 'application',
  AvailabilityZones: row.subnets.map(({ id, zone }) => ({ SubnetId: id, ZoneName: zone, LoadBalancerAddresses: [] })),
  SecurityGroups: [...row.groupIds],
  IpAddressType: 'ipv4',
});

const unsupported = (what: string): AwsError =>
  new AwsError('UnsupportedOperation', `The sandbox doesn't support ${what}.`);
