/** Target groups: what is checked, how, and how it leaves. */

import { isDeepStrictEqual } from 'node:util';
import type {
  CreateTargetGroupCommandInput,
  CreateTargetGroupCommandOutput,
  DeleteTargetGroupCommandInput,
  DescribeTargetGroupAttributesCommandInput,
  DescribeTargetGroupAttributesCommandOutput,
  DescribeTargetGroupsCommandInput,
  DescribeTargetGroupsCommandOutput,
  ModifyTargetGroupAttributesCommandInput,
  ModifyTargetGroupAttributesCommandOutput,
  ModifyTargetGroupCommandInput,
  ModifyTargetGroupCommandOutput,
  TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { page } from '../ec2/pages.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { vpcOf } from '../ec2/vpcs.ts';
import { attributeList, changedAttributes, initialAttributes, targetGroupAttributes } from './attributes.ts';
import type { Balancing } from './balancing.ts';
import { balancerOf, balancersOf, targetGroupOf, validationError } from './lookup.ts';
import type { HealthCheckRow, TargetGroupRow } from './rows.ts';
import { balancingTables, elbArn } from './rows.ts';
import { askNew, askOn, putTags } from './tags.ts';

const healthMembers = [
  'HealthCheckProtocol',
  'HealthCheckPort',
  'HealthCheckEnabled',
  'HealthCheckPath',
  'HealthCheckIntervalSeconds',
  'HealthCheckTimeoutSeconds',
  'HealthyThresholdCount',
  'UnhealthyThresholdCount',
  'Matcher',
] as const;

/** Source: the service model of CreateTargetGroup. */
const initialHealthCheck: HealthCheckRow = {
  path: '/',
  port: 'traffic-port',
  intervalSeconds: 30,
  timeoutSeconds: 5,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: '200',
};

export function targetGroupOperations(core: SandboxCore, balancing: Balancing): Record<string, AnyOperation> {
  return {
    CreateTargetGroup: strictOperation<CreateTargetGroupCommandInput, Answer<CreateTargetGroupCommandOutput>>({
      name: 'CreateTargetGroup',
      members: [
        'Name',
        'Protocol',
        'ProtocolVersion',
        'Port',
        'VpcId',
        'TargetType',
        'IpAddressType',
        'Tags',
        ...healthMembers,
      ],
      authorize: (input, call) => askNew(core, call, 'CreateTargetGroup', `targetgroup/${input.Name}/*`, input.Tags),
      handle(input, call) {
        const row = createGroup(core, call.region, input);
        putTags(core, call.region, row.arn, input.Tags);
        return { TargetGroups: [describe(core, call.region, row)] };
      },
    }),
    ModifyTargetGroup: strictOperation<ModifyTargetGroupCommandInput, Answer<ModifyTargetGroupCommandOutput>>({
      name: 'ModifyTargetGroup',
      members: ['TargetGroupArn', ...healthMembers],
      authorize: (input, call) => [askOn(core, call, 'ModifyTargetGroup', input.TargetGroupArn)],
      handle(input, call) {
        const row = targetGroupOf(core, call.region, input.TargetGroupArn);
        const next = { ...row, healthCheck: healthCheckFrom(row.healthCheck, input) };
        balancingTables(core, call.region).targetGroups.put(row.arn, next);
        balancing.changed(call.region);
        return { TargetGroups: [describe(core, call.region, next)] };
      },
    }),
    DescribeTargetGroups: strictOperation<DescribeTargetGroupsCommandInput, Answer<DescribeTargetGroupsCommandOutput>>({
      name: 'DescribeTargetGroups',
      members: ['LoadBalancerArn', 'TargetGroupArns', 'Names', 'Marker', 'PageSize'],
      handle(input, call) {
        const cut = page(groupsNamed(core, call.region, input), input.PageSize, input.Marker, 400);
        return { TargetGroups: cut.rows.map((row) => describe(core, call.region, row)), NextMarker: cut.nextToken };
      },
    }),
    DeleteTargetGroup: strictOperation<DeleteTargetGroupCommandInput, object>({
      name: 'DeleteTargetGroup',
      members: ['TargetGroupArn'],
      authorize: (input, call) => [askOn(core, call, 'DeleteTargetGroup', input.TargetGroupArn)],
      handle(input, call) {
        const arn = input.TargetGroupArn ?? '';
        if (balancersOf(core, call.region, arn).length > 0) {
          throw new AwsError('ResourceInUse', `Target group '${arn}' is currently in use by a listener or a rule`);
        }
        balancingTables(core, call.region).targetGroups.delete(arn);
        balancingTables(core, call.region).tags.delete(arn);
        return {};
      },
    }),
    DescribeTargetGroupAttributes: strictOperation<
      DescribeTargetGroupAttributesCommandInput,
      Answer<DescribeTargetGroupAttributesCommandOutput>
    >({
      name: 'DescribeTargetGroupAttributes',
      members: ['TargetGroupArn'],
      handle: (input, call) => ({
        Attributes: attributeList(targetGroupOf(core, call.region, input.TargetGroupArn).attributes),
      }),
    }),
    ModifyTargetGroupAttributes: strictOperation<
      ModifyTargetGroupAttributesCommandInput,
      Answer<ModifyTargetGroupAttributesCommandOutput>
    >({
      name: 'ModifyTargetGroupAttributes',
      members: ['TargetGroupArn', 'Attributes'],
      authorize: (input, call) => [askOn(core, call, 'ModifyTargetGroupAttributes', input.TargetGroupArn)],
      handle(input, call) {
        const row = targetGroupOf(core, call.region, input.TargetGroupArn);
        const attributes = changedAttributes(targetGroupAttributes, row.attributes, input.Attributes);
        balancingTables(core, call.region).targetGroups.put(row.arn, { ...row, attributes });
        return { Attributes: attributeList(attributes) };
      },
    }),
  };
}

function createGroup(core: SandboxCore, region: string, input: CreateTargetGroupCommandInput): TargetGroupRow {
  const { targetGroups } = balancingTables(core, region);
  const { Name: name, Protocol: protocol, Port: port } = input;
  if (name === undefined || !/^(?!-)[A-Za-z0-9-]{1,32}(?<!-)$/.test(name)) {
    throw validationError(
      `Target group name '${name}' must be 1 to 32 letters, digits and hyphens, not beginning or ending with a hyphen`,
    );
  }
  if (protocol !== 'HTTP') throw unsupported(`the target group protocol ${protocol}; it supports: HTTP`);
  if (input.ProtocolVersion !== undefined && input.ProtocolVersion !== 'HTTP1') {
    throw unsupported(`the protocol version ${input.ProtocolVersion}; it supports: HTTP1`);
  }
  if (input.IpAddressType !== undefined && input.IpAddressType !== 'ipv4') {
    throw unsupported(`the address type ${input.IpAddressType}; it supports: ipv4`);
  }
  const targetType = input.TargetType ?? 'instance';
  if (targetType !== 'instance' && targetType !== 'ip')
    throw unsupported(`the target type ${targetType}; it supports: instance, ip`);
  if (port === undefined || port < 1 || port > 65_535)
    throw validationError(`A port must be specified, from 1 to 65535. Given: ${port}`);
  const settings = {
    name,
    vpcId: vpcOf(core, region, input.VpcId ?? '').id,
    port,
    targetType,
    healthCheck: healthCheckFrom(initialHealthCheck, input),
  };
  const known = targetGroups.values().find((row) => row.name === name);
  if (known !== undefined) return sameAs(known, settings);
  const arn = elbArn(core, region, `targetgroup/${name}/${core.ids.hex(16)}`);
  const attributes = initialAttributes(targetGroupAttributes);
  return targetGroups.put(arn, { ...settings, arn, attributes, targets: [] });
}

/** Creation happens once, however often it is asked for with the same settings. */
function sameAs(known: TargetGroupRow, settings: Partial<TargetGroupRow>): TargetGroupRow {
  const { name, vpcId, port, targetType, healthCheck } = known;
  if (isDeepStrictEqual({ name, vpcId, port, targetType, healthCheck }, settings)) return known;
  throw new AwsError(
    'DuplicateTargetGroupName',
    `A target group with the same name '${name}' exists, but with different settings`,
  );
}

type HealthInput = Pick<CreateTargetGroupCommandInput, (typeof healthMembers)[number]>;

function healthCheckFrom(old: HealthCheckRow, input: HealthInput): HealthCheckRow {
  if (input.HealthCheckEnabled === false) throw unsupported('target groups without health checks');
  if (input.HealthCheckProtocol !== undefined && input.HealthCheckProtocol !== 'HTTP') {
    throw unsupported(`health checks over ${input.HealthCheckProtocol}; it supports: HTTP`);
  }
  const next: HealthCheckRow = {
    path: input.HealthCheckPath ?? old.path,
    port: input.HealthCheckPort ?? old.port,
    intervalSeconds: inRange(
      'HealthCheckIntervalSeconds',
      input.HealthCheckIntervalSeconds ?? old.intervalSeconds,
      5,
      300,
    ),
    timeoutSeconds: inRange('HealthCheckTimeoutSeconds', input.HealthCheckTimeoutSeconds ?? old.timeoutSeconds, 2, 120),
    healthyThreshold: inRange('HealthyThresholdCount', input.HealthyThresholdCount ?? old.healthyThreshold, 2, 10),
    unhealthyThreshold: inRange(
      'UnhealthyThresholdCount',
      input.UnhealthyThresholdCount ?? old.unhealthyThreshold,
      2,
      10,
    ),
    matcher: input.Matcher?.HttpCode ?? old.matcher,
  };
  if (next.timeoutSeconds >= next.intervalSeconds) {
    throw validationError(
      `Health check interval must be greater than the timeout. Given: ${next.intervalSeconds} and ${next.timeoutSeconds}`,
    );
  }
  if (!/^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/.test(next.matcher)) {
    throw validationError(`Health check matcher HTTP code '${next.matcher}' is not valid`);
  }
  return next;
}

function inRange(name: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw validationError(`${name} '${value}' must be from ${least} to ${most}`);
}

function groupsNamed(core: SandboxCore, region: string, input: DescribeTargetGroupsCommandInput): TargetGroupRow[] {
  const all = balancingTables(core, region).targetGroups.values();
  if (input.LoadBalancerArn !== undefined) {
    const { arn } = balancerOf(core, region, input.LoadBalancerArn);
    return all.filter((row) => balancersOf(core, region, row.arn).some((one) => one.arn === arn));
  }
  if (input.TargetGroupArns !== undefined && input.TargetGroupArns.length > 0) {
    return input.TargetGroupArns.map((arn) => targetGroupOf(core, region, arn));
  }
  if (input.Names === undefined || input.Names.length === 0) return all;
  return input.Names.map((name) => {
    const row = all.find((one) => one.name === name);
    if (row === undefined) throw new AwsError('TargetGroupNotFound', `One or more target groups not found: ${name}`);
    return row;
  });
}

const describe = (core: SandboxCore, region: string, row: TargetGroupRow): TargetGroup => ({
  TargetGroupArn: row.arn,
  TargetGroupName: row.name,
  Protocol: 'HTTP',
  ProtocolVersion: 'HTTP1',
  Port: row.port,
  VpcId: row.vpcId,
  TargetType: row.targetType,
  IpAddressType: 'ipv4',
  HealthCheckEnabled: true,
  HealthCheckProtocol: 'HTTP',
  HealthCheckPort: row.healthCheck.port,
  HealthCheckPath: row.healthCheck.path,
  HealthCheckIntervalSeconds: row.healthCheck.intervalSeconds,
  HealthCheckTimeoutSeconds: row.healthCheck.timeoutSeconds,
  HealthyThresholdCount: row.healthCheck.healthyThreshold,
  UnhealthyThresholdCount: row.healthCheck.unhealthyThreshold,
  Matcher: { HttpCode: row.healthCheck.matcher },
  LoadBalancerArns: balancersOf(core, region, row.arn).map((one) => one.arn),
});

const unsupported = (what: string): AwsError =>
  new AwsError('UnsupportedOperation', `The sandbox doesn't support ${what}.`);
