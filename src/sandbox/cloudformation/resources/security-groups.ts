/** AWS::EC2::SecurityGroup, SecurityGroupIngress and SecurityGroupEgress. */

import type {
  AuthorizeSecurityGroupIngressCommandOutput,
  CreateSecurityGroupCommandOutput,
  DescribeSecurityGroupsCommandOutput,
  IpPermission,
} from '@aws-sdk/client-ec2';
import type { Json, JsonObject } from '../json.ts';
import { asText, canonical } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { OnChange, ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, objectOf, textOf } from '../resource-type.ts';
import { syncEc2Tags, tagSpecifications } from './ec2-tags.ts';
import { known } from './pick.ts';

type Direction = 'Ingress' | 'Egress';

export const securityGroup: ResourceType = {
  name: 'AWS::EC2::SecurityGroup',
  properties: {
    GroupDescription: 'replace',
    GroupName: 'replace',
    SecurityGroupEgress: 'update',
    SecurityGroupIngress: 'update',
    Tags: 'update',
    VpcId: 'replace',
  },
  required: ['GroupDescription', 'VpcId'],
  attributes: ['GroupId', 'VpcId', 'Id'],
  nameProperty: 'GroupName',
  tags: 'list',
  async create(properties, context) {
    const VpcId = textOf(properties.VpcId) ?? '';
    const answer = await context.call<CreateSecurityGroupCommandOutput>('ec2', 'CreateSecurityGroup', {
      Description: properties.GroupDescription,
      GroupName: textOf(properties.GroupName) ?? context.physicalName(255),
      VpcId,
      TagSpecifications: tagSpecifications('security-group', properties),
    });
    const id = answer.GroupId ?? '';
    context.created(id);
    await changeRules('Ingress', id, [], properties.SecurityGroupIngress, context);
    if (properties.SecurityGroupEgress !== undefined) {
      await changeRules('Egress', id, [anyEgress], properties.SecurityGroupEgress, context);
    }
    return { id, attributes: { GroupId: id, Id: id, VpcId } };
  },
  async update(change, context) {
    const { id, previous, properties } = change;
    await changeRules('Ingress', id, previous.SecurityGroupIngress, properties.SecurityGroupIngress, context);
    const before = previous.SecurityGroupEgress ?? [anyEgress];
    await changeRules('Egress', id, before, properties.SecurityGroupEgress ?? [anyEgress], context);
    await syncEc2Tags(change, id, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('ec2', 'DeleteSecurityGroup', { GroupId: id }));
  },
  async read({ id, properties }, call) {
    const { SecurityGroups } = await call<DescribeSecurityGroupsCommandOutput>('ec2', 'DescribeSecurityGroups', {
      GroupIds: [id],
    });
    const live = (SecurityGroups?.[0]?.IpPermissions ?? []).flatMap(declared);
    const ways = new Set(live.map(wayOf));
    const standing = listOf(properties.SecurityGroupIngress).filter((rule) => ways.has(wayOf(objectOf(rule))));
    const asDeclared = new Set(standing.map((rule) => wayOf(objectOf(rule))));
    return { SecurityGroupIngress: [...standing, ...live.filter((rule) => !asDeclared.has(wayOf(rule)))] };
  },
};

/** A permission as a template would declare it, rule by rule. */
const declared = ({ FromPort, IpProtocol, IpRanges, ToPort, UserIdGroupPairs }: IpPermission): JsonObject[] => {
  const ports = known({ IpProtocol, FromPort, ToPort });
  return [
    ...(IpRanges ?? []).map(({ CidrIp, Description }) => ({ ...ports, ...known({ CidrIp, Description }) })),
    ...(UserIdGroupPairs ?? []).map(({ Description, GroupId }) => ({
      ...ports,
      ...known({ SourceSecurityGroupId: GroupId, Description }),
    })),
  ];
};

/** What a rule lets in: its description makes it no other rule. */
const wayOf = (rule: JsonObject): string =>
  canonical(Object.fromEntries(Object.entries(rule).filter(([name]) => name !== 'Description')));

/** What a new group allows by itself. */
const anyEgress: JsonObject = { IpProtocol: '-1', CidrIp: '0.0.0.0/0' };

const ruleProperties = {
  CidrIp: 'replace',
  CidrIpv6: 'replace',
  Description: 'update',
  FromPort: 'replace',
  GroupId: 'replace',
  IpProtocol: 'replace',
  ToPort: 'replace',
} as const satisfies Record<string, OnChange>;

export const securityGroupIngress: ResourceType = ruleType('Ingress', {
  ...ruleProperties,
  SourcePrefixListId: 'replace',
  SourceSecurityGroupId: 'replace',
});

export const securityGroupEgress: ResourceType = ruleType('Egress', {
  ...ruleProperties,
  DestinationPrefixListId: 'replace',
  DestinationSecurityGroupId: 'replace',
});

function ruleType(direction: Direction, properties: Readonly<Record<string, OnChange>>): ResourceType {
  return {
    name: `AWS::EC2::SecurityGroup${direction}`,
    properties,
    required: ['GroupId', 'IpProtocol'],
    attributes: ['Id'],
    async create(rule, context) {
      const id = await authorize(direction, textOf(rule.GroupId) ?? '', [rule], context);
      return { id, attributes: { Id: id } };
    },
    // Only the description changes in place: the rule is opened again with the new one.
    async update({ previous, properties: rule }, context) {
      await revoke(direction, textOf(previous.GroupId) ?? '', [previous], context);
      const id = await authorize(direction, textOf(rule.GroupId) ?? '', [rule], context);
      return { id, attributes: { Id: id } };
    },
    async delete({ properties: rule }, context) {
      await unlessGone(revoke(direction, textOf(rule.GroupId) ?? '', [rule], context));
    },
  };
}

async function changeRules(
  direction: Direction,
  groupId: string,
  before: Json | undefined,
  now: Json | undefined,
  context: ResourceContext,
): Promise<void> {
  const without = (list: Json | undefined, others: Json | undefined): JsonObject[] => {
    const known = new Set(listOf(others).map(canonical));
    return listOf(list)
      .filter((rule) => !known.has(canonical(rule)))
      .map(objectOf);
  };
  const removed = without(before, now);
  const added = without(now, before);
  if (removed.length > 0) await revoke(direction, groupId, removed, context);
  if (added.length > 0) await authorize(direction, groupId, added, context);
}

async function authorize(
  direction: Direction,
  GroupId: string,
  rules: readonly JsonObject[],
  { call }: ResourceContext,
): Promise<string> {
  const answer = await call<AuthorizeSecurityGroupIngressCommandOutput>('ec2', `AuthorizeSecurityGroup${direction}`, {
    GroupId,
    IpPermissions: rules.map(permission),
  });
  return answer.SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? '';
}

const revoke = (direction: Direction, GroupId: string, rules: readonly JsonObject[], { call }: ResourceContext) =>
  call('ec2', `RevokeSecurityGroup${direction}`, { GroupId, IpPermissions: rules.map(permission) });

function permission(rule: JsonObject): object {
  const { CidrIp, CidrIpv6, Description, FromPort, IpProtocol, ToPort } = rule;
  const group = rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId;
  const prefixList = rule.SourcePrefixListId ?? rule.DestinationPrefixListId;
  return {
    IpProtocol: asText(IpProtocol),
    FromPort,
    ToPort,
    IpRanges: CidrIp === undefined ? undefined : [{ CidrIp, Description }],
    Ipv6Ranges: CidrIpv6 === undefined ? undefined : [{ CidrIpv6, Description }],
    UserIdGroupPairs: group === undefined ? undefined : [{ GroupId: group, Description }],
    PrefixListIds: prefixList === undefined ? undefined : [{ PrefixListId: prefixList, Description }],
  };
}
