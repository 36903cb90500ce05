/** Rules of security groups: from the request's IpPermissions to one row per source, with an id that stays. */

import type { IpPermission, SecurityGroupRule } from '@aws-sdk/client-ec2';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { canonical, parseBlock } from './cidr.ts';
import { invalidParameter } from './errors.ts';
import type { RuleRow, SecurityGroupRow } from './rows.ts';
import { ec2Tables, newId } from './rows.ts';
import { tagList, tagsOf } from './tags.ts';

/** A rule before it has an id. */
export type RuleSpec = Omit<RuleRow, 'id'>;

/** The rule every new group is born with: all traffic out. */
export const allowAllOut = (core: SandboxCore): RuleRow => ({
  id: newId(core, 'sgr'),
  egress: true,
  protocol: '-1',
  fromPort: -1,
  toPort: -1,
  cidr4: '0.0.0.0/0',
});

/** One spec per source or destination named. */
export function ruleSpecs(
  core: SandboxCore,
  region: string,
  permissions: readonly IpPermission[] | undefined,
  egress: boolean,
): RuleSpec[] {
  if (permissions === undefined || permissions.length === 0) {
    throw new AwsError('MissingParameter', "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.");
  }
  return permissions.flatMap((permission) => specsOf(core, region, permission, egress));
}

/** Whether two rules allow the same traffic; descriptions don't count. */
export const sameRule = (one: RuleSpec, other: RuleSpec): boolean => ruleKey(one) === ruleKey(other);

function specsOf(core: SandboxCore, region: string, permission: IpPermission, egress: boolean): RuleSpec[] {
  const base = { egress, ...protocolAndPorts(permission) };
  const peers: [Partial<RuleSpec>, string | undefined][] = [
    ...(permission.IpRanges ?? []).map((one): [Partial<RuleSpec>, string | undefined] => [
      { cidr4: block(one.CidrIp) },
      one.Description,
    ]),
    ...(permission.Ipv6Ranges ?? []).map((one): [Partial<RuleSpec>, string | undefined] => [
      { cidr6: one.CidrIpv6 ?? '' },
      one.Description,
    ]),
    ...(permission.UserIdGroupPairs ?? []).map((one): [Partial<RuleSpec>, string | undefined] => [
      { groupId: existingGroup(core, region, one.GroupId) },
      one.Description,
    ]),
    ...(permission.PrefixListIds ?? []).map((one): [Partial<RuleSpec>, string | undefined] => [
      { prefixListId: one.PrefixListId ?? '' },
      one.Description,
    ]),
  ];
  if (peers.length === 0) {
    throw invalidParameter('Invalid value for IpPermissions: a range, a prefix list or a group must be given.');
  }
  return peers.map(([peer, description]) => ({
    ...base,
    ...peer,
    ...(description === undefined ? {} : { description }),
  }));
}

function protocolAndPorts(permission: IpPermission): Pick<RuleSpec, 'protocol' | 'fromPort' | 'toPort'> {
  const named: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '1': 'icmp', all: '-1' };
  const given = permission.IpProtocol?.toLowerCase();
  if (given === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter ipProtocol');
  const protocol = named[given] ?? given;
  if (protocol !== 'tcp' && protocol !== 'udp')
    return { protocol, fromPort: permission.FromPort ?? -1, toPort: permission.ToPort ?? -1 };
  const { FromPort: from, ToPort: to } = permission;
  if (from === undefined || to === undefined || from < 0 || to > 65_535 || from > to) {
    throw invalidParameter(
      `Invalid value for portRange. Must specify both from and to ports with TCP/UDP. (${from} to ${to})`,
    );
  }
  return { protocol, fromPort: from, toPort: to };
}

function block(text: string | undefined): string {
  const parsed = parseBlock(text ?? '');
  if (parsed === undefined) throw invalidParameter(`CIDR block ${text} is malformed`);
  return canonical(parsed);
}

function existingGroup(core: SandboxCore, region: string, id: string | undefined): string {
  if (id === undefined || !ec2Tables(core, region).securityGroups.has(id)) {
    throw new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
  }
  return id;
}

const ruleKey = (rule: RuleSpec): string =>
  [
    rule.egress,
    rule.protocol,
    rule.fromPort,
    rule.toPort,
    rule.cidr4,
    rule.cidr6,
    rule.groupId,
    rule.prefixListId,
  ].join();

/** Rules as DescribeSecurityGroups answers them: grouped by protocol and ports. */
export function permissionsOf(core: SandboxCore, rules: readonly RuleRow[]): IpPermission[] {
  return [...groupedByPorts(rules).values()].map((group) => {
    const [first] = group;
    const described = (rule: RuleRow) => (rule.description === undefined ? {} : { Description: rule.description });
    return {
      IpProtocol: first?.protocol,
      ...(first?.protocol === '-1' ? {} : { FromPort: first?.fromPort, ToPort: first?.toPort }),
      IpRanges: group.flatMap((rule) => (rule.cidr4 === undefined ? [] : [{ CidrIp: rule.cidr4, ...described(rule) }])),
      Ipv6Ranges: group.flatMap((rule) =>
        rule.cidr6 === undefined ? [] : [{ CidrIpv6: rule.cidr6, ...described(rule) }],
      ),
      UserIdGroupPairs: group.flatMap((rule) =>
        rule.groupId === undefined ? [] : [{ GroupId: rule.groupId, UserId: core.account, ...described(rule) }],
      ),
      PrefixListIds: group.flatMap((rule) =>
        rule.prefixListId === undefined ? [] : [{ PrefixListId: rule.prefixListId, ...described(rule) }],
      ),
    };
  });
}

const portsKey = (rule: RuleRow): string => `${rule.protocol}/${rule.fromPort}/${rule.toPort}`;

function groupedByPorts(rules: readonly RuleRow[]): Map<string, RuleRow[]> {
  const groups = new Map<string, RuleRow[]>();
  for (const rule of rules) groups.set(portsKey(rule), [...(groups.get(portsKey(rule)) ?? []), rule]);
  return groups;
}

/** A rule as DescribeSecurityGroupRules answers it. */
export function describeRule(
  core: SandboxCore,
  region: string,
  group: SecurityGroupRow,
  rule: RuleRow,
): SecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.id,
    GroupId: group.id,
    GroupOwnerId: core.account,
    IsEgress: rule.egress,
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    CidrIpv4: rule.cidr4,
    CidrIpv6: rule.cidr6,
    PrefixListId: rule.prefixListId,
    ...(rule.groupId === undefined ? {} : { ReferencedGroupInfo: { GroupId: rule.groupId, UserId: core.account } }),
    Description: rule.description,
    SecurityGroupRuleArn: `arn:aws:ec2:${region}:${core.account}:security-group-rule/${rule.id}`,
    Tags: tagList(tagsOf(core, region, rule.id)),
  };
}
