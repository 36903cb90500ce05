/** What security groups let out and in. A group allows what any of its rules allows; connections are judged when they open. */

import { contains, holds, overlaps, parseBlock } from './cidr.ts';
import type { Ec2Tables, InterfaceRow, RuleRow, SecurityGroupRow } from './rows.ts';

/** What a connection goes to, as rules see it. */
export interface Destination {
  /** The groups of a target in the same VPC; empty for what stands outside of it. */
  readonly toSecurityGroups: readonly string[];
  /** The port as AWS's users know it (80, 3306), not the one really bound. */
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp';
  readonly prefixListId?: string;
}

export const groupsOf = (tables: Ec2Tables, ids: readonly string[]): SecurityGroupRow[] =>
  ids.flatMap((id) => tables.securityGroups.get(id) ?? []);

/**
 * Whether the source's own groups let it out: to the group, to the list, or to a block. Where in the VPC a target is isn't asked: a
 * block that has a part of the VPC lets out to all of it.
 */
export function mayLeave(tables: Ec2Tables, source: InterfaceRow, to: Destination): boolean {
  const inside = to.toSecurityGroups.length > 0 ? tables.vpcs.get(source.vpcId)?.cidr : undefined;
  const covers = (block: string): boolean => {
    const allowed = parseBlock(block);
    const vpc = parseBlock(inside ?? '0.0.0.0/0');
    if (allowed === undefined || vpc === undefined) return false;
    return inside === undefined ? contains(allowed, vpc) : overlaps(allowed, vpc);
  };
  return groupsOf(tables, source.groupIds).some((group) =>
    group.rules.some((rule) => {
      if (!rule.egress || !coversPort(rule, to)) return false;
      if (rule.groupId !== undefined) return to.toSecurityGroups.includes(rule.groupId);
      if (rule.prefixListId !== undefined) return rule.prefixListId === to.prefixListId;
      return rule.cidr4 !== undefined && covers(rule.cidr4);
    }),
  );
}

/** Whether the target's groups let an interface of their VPC in. */
export const mayEnter = (target: readonly SecurityGroupRow[], source: InterfaceRow, to: Destination): boolean =>
  target.some((group) =>
    group.rules.some((rule) => {
      if (rule.egress || !coversPort(rule, to)) return false;
      if (rule.groupId !== undefined) return source.groupIds.includes(rule.groupId);
      return rule.cidr4 !== undefined && holds(rule.cidr4, source.privateAddress);
    }),
  );

/** Whether the target's groups let the whole internet in. */
export const isOpenToInternet = (target: readonly SecurityGroupRow[], to: Destination): boolean =>
  target.some((group) =>
    group.rules.some((rule) => !rule.egress && coversPort(rule, to) && rule.cidr4 === '0.0.0.0/0'),
  );

function coversPort(rule: RuleRow, { port, protocol = 'tcp' }: Destination): boolean {
  if (rule.protocol === '-1') return true;
  return rule.protocol === protocol && rule.fromPort <= port && port <= rule.toPort;
}
