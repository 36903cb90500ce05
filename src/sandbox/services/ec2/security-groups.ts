/** Security groups: who may connect to whom. Their meaning is in `reachability.ts`. */

import type {
  AuthorizeSecurityGroupEgressCommandInput,
  AuthorizeSecurityGroupIngressCommandInput,
  AuthorizeSecurityGroupIngressCommandOutput,
  CreateSecurityGroupCommandInput,
  CreateSecurityGroupCommandOutput,
  DeleteSecurityGroupCommandInput,
  DeleteSecurityGroupCommandOutput,
  DescribeSecurityGroupRulesCommandInput,
  DescribeSecurityGroupRulesCommandOutput,
  DescribeSecurityGroupsCommandInput,
  DescribeSecurityGroupsCommandOutput,
  IpPermission,
  RevokeSecurityGroupEgressCommandInput,
  RevokeSecurityGroupIngressCommandInput,
  RevokeSecurityGroupIngressCommandOutput,
  SecurityGroup,
  TagSpecification,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { arnOf, askNew, askOn } from './asks.ts';
import { invalidParameter, required } from './errors.ts';
import { matching } from './filters.ts';
import { networkChanged } from './network-changes.ts';
import { page } from './pages.ts';
import type { RuleRow, SecurityGroupRow } from './rows.ts';
import { ec2Tables, newId } from './rows.ts';
import { allowAllOut, describeRule, permissionsOf, ruleSpecs, sameRule } from './security-group-rules.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, specified, tagList, tagNew, tagsOf } from './tags.ts';
import { vpcOf } from './vpcs.ts';

/** The older, flat way to name one rule; still what some clients send. */
interface FlatRule {
  CidrIp?: string | undefined;
  FromPort?: number | undefined;
  IpProtocol?: string | undefined;
  ToPort?: number | undefined;
}

export function securityGroupOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    CreateSecurityGroup: strictOperation<CreateSecurityGroupCommandInput, Answer<CreateSecurityGroupCommandOutput>>({
      name: 'CreateSecurityGroup',
      members: ['Description', 'GroupName', 'VpcId', 'TagSpecifications'],
      authorize: (input, call) => [
        askOn(core, call, 'CreateSecurityGroup', 'vpc', input.VpcId),
        ...askNew(call, 'CreateSecurityGroup', 'security-group', input.TagSpecifications),
      ],
      handle(input, call) {
        checkSpecifications(input.TagSpecifications, ['security-group']);
        const row = createGroup(core, call.region, input);
        tagNew(core, call.region, row.id, specified(input.TagSpecifications, 'security-group'));
        return {
          GroupId: row.id,
          SecurityGroupArn: arnOf(call, 'security-group', row.id),
          Tags: tagList(tagsOf(core, call.region, row.id)),
        };
      },
    }),
    DescribeSecurityGroups: strictOperation<
      DescribeSecurityGroupsCommandInput,
      Answer<DescribeSecurityGroupsCommandOutput>
    >({
      name: 'DescribeSecurityGroups',
      members: ['Filters', 'GroupIds', 'NextToken', 'MaxResults'],
      handle(input, call) {
        const all =
          input.GroupIds?.map((id) => groupOf(core, call.region, id)) ??
          ec2Tables(core, call.region).securityGroups.values();
        const peers = (egress: boolean, read: (rule: RuleRow) => string | undefined) => (row: SecurityGroupRow) =>
          row.rules.filter((rule) => rule.egress === egress).flatMap((rule) => read(rule) ?? []);
        const rows = matching(
          all,
          input.Filters,
          {
            'group-id': (row) => row.id,
            'group-name': (row) => row.name,
            description: (row) => row.description,
            'vpc-id': (row) => row.vpcId,
            'owner-id': () => core.account,
            'ip-permission.group-id': peers(false, (rule) => rule.groupId),
            'ip-permission.cidr': peers(false, (rule) => rule.cidr4),
            'ip-permission.from-port': peers(false, (rule) => String(rule.fromPort)),
            'ip-permission.to-port': peers(false, (rule) => String(rule.toPort)),
            'ip-permission.protocol': peers(false, (rule) => rule.protocol),
            'egress.ip-permission.group-id': peers(true, (rule) => rule.groupId),
            'egress.ip-permission.cidr': peers(true, (rule) => rule.cidr4),
          },
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { SecurityGroups: cut.rows.map((row) => describe(core, call.region, row)), NextToken: cut.nextToken };
      },
    }),
    DescribeSecurityGroupRules: strictOperation<
      DescribeSecurityGroupRulesCommandInput,
      Answer<DescribeSecurityGroupRulesCommandOutput>
    >({
      name: 'DescribeSecurityGroupRules',
      members: ['Filters', 'SecurityGroupRuleIds', 'NextToken', 'MaxResults'],
      handle(input, call) {
        const all = ec2Tables(core, call.region)
          .securityGroups.values()
          .flatMap((group) => group.rules.map((rule) => ({ group, rule })));
        for (const id of input.SecurityGroupRuleIds ?? []) {
          if (!all.some(({ rule }) => rule.id === id)) throw ruleNotFound(id);
        }
        const named = all.filter(({ rule }) => input.SecurityGroupRuleIds?.includes(rule.id) ?? true);
        const rows = matching(
          named,
          input.Filters,
          { 'group-id': ({ group }) => group.id, 'security-group-rule-id': ({ rule }) => rule.id },
          ({ rule }) => tagsOf(core, call.region, rule.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return {
          SecurityGroupRules: cut.rows.map(({ group, rule }) => describeRule(core, call.region, group, rule)),
          NextToken: cut.nextToken,
        };
      },
    }),
    DeleteSecurityGroup: strictOperation<DeleteSecurityGroupCommandInput, Answer<DeleteSecurityGroupCommandOutput>>({
      name: 'DeleteSecurityGroup',
      members: ['GroupId'],
      authorize: (input, call) => [askOn(core, call, 'DeleteSecurityGroup', 'security-group', input.GroupId)],
      handle(input, call) {
        const row = groupOf(core, call.region, required(input.GroupId, 'groupId'));
        deleteGroup(core, call.region, row);
        return { Return: true, GroupId: row.id };
      },
    }),
    AuthorizeSecurityGroupIngress: authorizing('AuthorizeSecurityGroupIngress', false),
    AuthorizeSecurityGroupEgress: authorizing('AuthorizeSecurityGroupEgress', true),
    RevokeSecurityGroupIngress: revoking('RevokeSecurityGroupIngress', false),
    RevokeSecurityGroupEgress: revoking('RevokeSecurityGroupEgress', true),
  };

  function authorizing(name: string, egress: boolean): AnyOperation {
    type Input = AuthorizeSecurityGroupIngressCommandInput | AuthorizeSecurityGroupEgressCommandInput;
    return strictOperation<Input & FlatRule, Answer<AuthorizeSecurityGroupIngressCommandOutput>>({
      name,
      members: ['GroupId', 'IpPermissions', 'CidrIp', 'FromPort', 'IpProtocol', 'ToPort', 'TagSpecifications'],
      authorize: (input, call) => [askOn(core, call, name, 'security-group', input.GroupId)],
      handle(input, call) {
        const group = groupOf(core, call.region, required(input.GroupId, 'groupId'));
        const rules = addRules(core, call.region, group, permissions(input), egress, input.TagSpecifications);
        return {
          Return: true,
          SecurityGroupRules: rules.map((rule) => describeRule(core, call.region, group, rule)),
        };
      },
    });
  }

  function revoking(name: string, egress: boolean): AnyOperation {
    type Input = RevokeSecurityGroupIngressCommandInput | RevokeSecurityGroupEgressCommandInput;
    return strictOperation<Input & FlatRule, Answer<RevokeSecurityGroupIngressCommandOutput>>({
      name,
      members: ['GroupId', 'IpPermissions', 'SecurityGroupRuleIds', 'CidrIp', 'FromPort', 'IpProtocol', 'ToPort'],
      authorize: (input, call) => [askOn(core, call, name, 'security-group', input.GroupId)],
      handle(input, call) {
        const group = groupOf(core, call.region, required(input.GroupId, 'groupId'));
        const gone = rulesToRevoke(call.region, group, input);
        ec2Tables(core, call.region).securityGroups.update(group.id, (row) => ({
          ...row,
          rules: row.rules.filter((rule) => !gone.includes(rule)),
        }));
        networkChanged(core, call.region);
        return { Return: true };
      },
    });

    function rulesToRevoke(region: string, group: SecurityGroupRow, input: Input & FlatRule): RuleRow[] {
      const mine = group.rules.filter((rule) => rule.egress === egress);
      if (input.SecurityGroupRuleIds !== undefined && input.SecurityGroupRuleIds.length > 0) {
        return input.SecurityGroupRuleIds.map((id) => {
          const found = mine.find((rule) => rule.id === id);
          if (found === undefined) throw ruleNotFound(id);
          return found;
        });
      }
      return ruleSpecs(core, region, permissions(input), egress).map((spec) => {
        const found = mine.find((rule) => sameRule(rule, spec));
        if (found === undefined) {
          throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
        }
        return found;
      });
    }
  }
}

export function groupOf(core: SandboxCore, region: string, id: string): SecurityGroupRow {
  const row = ec2Tables(core, region).securityGroups.get(id);
  if (row === undefined) throw new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
  return row;
}

function createGroup(core: SandboxCore, region: string, input: CreateSecurityGroupCommandInput): SecurityGroupRow {
  const vpc = vpcOf(core, region, required(input.VpcId, 'vpcId'));
  const name = required(input.GroupName, 'groupName');
  const description = required(input.Description, 'groupDescription');
  if (name.startsWith('sg-') || name.length > 255) {
    throw invalidParameter(
      `Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.`,
    );
  }
  const { securityGroups } = ec2Tables(core, region);
  if (securityGroups.values().some((row) => row.vpcId === vpc.id && row.name === name)) {
    throw new AwsError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpc.id}'`);
  }
  const id = newId(core, 'sg');
  return securityGroups.put(id, { id, name, description, vpcId: vpc.id, rules: [allowAllOut(core)] });
}

function addRules(
  core: SandboxCore,
  region: string,
  group: SecurityGroupRow,
  given: readonly IpPermission[] | undefined,
  egress: boolean,
  specifications: readonly TagSpecification[] | undefined,
): RuleRow[] {
  checkSpecifications(specifications, ['security-group-rule']);
  const rules = ruleSpecs(core, region, given, egress).map((spec): RuleRow => ({ id: newId(core, 'sgr'), ...spec }));
  const clash = rules.find((rule, index) =>
    [...group.rules, ...rules.slice(0, index)].some((old) => sameRule(old, rule)),
  );
  if (clash !== undefined) {
    const peer = clash.cidr4 ?? clash.cidr6 ?? clash.groupId ?? clash.prefixListId;
    throw new AwsError(
      'InvalidPermission.Duplicate',
      `the specified rule "peer: ${peer}, ${clash.protocol}, from port: ${clash.fromPort}, to port: ${clash.toPort}, ALLOW" already exists`,
    );
  }
  ec2Tables(core, region).securityGroups.update(group.id, (row) => ({ ...row, rules: [...row.rules, ...rules] }));
  for (const rule of rules) tagNew(core, region, rule.id, specified(specifications, 'security-group-rule'));
  networkChanged(core, region);
  return rules;
}

function deleteGroup(core: SandboxCore, region: string, group: SecurityGroupRow): void {
  const tables = ec2Tables(core, region);
  if (group.name === 'default') {
    throw new AwsError(
      'CannotDelete',
      `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
    );
  }
  const referenced = tables.securityGroups
    .values()
    .some((row) => row.id !== group.id && row.rules.some((rule) => rule.groupId === group.id));
  if (referenced || tables.interfaces.values().some((row) => row.groupIds.includes(group.id))) {
    throw new AwsError('DependencyViolation', `resource ${group.id} has a dependent object`);
  }
  tables.securityGroups.delete(group.id);
  tables.tags.delete(group.id);
}

/** The rules a request names, in either of the two ways. */
function permissions(input: FlatRule & { IpPermissions?: IpPermission[] | undefined }): IpPermission[] | undefined {
  if (input.IpProtocol === undefined) return input.IpPermissions;
  const { IpProtocol, FromPort, ToPort, CidrIp } = input;
  return [{ IpProtocol, FromPort, ToPort, IpRanges: [{ CidrIp }] }];
}

const ruleNotFound = (id: string): AwsError =>
  new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`);

function describe(core: SandboxCore, region: string, row: SecurityGroupRow): SecurityGroup {
  return {
    GroupId: row.id,
    GroupName: row.name,
    Description: row.description,
    VpcId: row.vpcId,
    OwnerId: core.account,
    SecurityGroupArn: arnOf({ account: core.account, region }, 'security-group', row.id),
    IpPermissions: permissionsOf(
      core,
      row.rules.filter((rule) => !rule.egress),
    ),
    IpPermissionsEgress: permissionsOf(
      core,
      row.rules.filter((rule) => rule.egress),
    ),
    Tags: tagList(tagsOf(core, region, row.id)),
  };
}
