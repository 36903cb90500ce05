/** The rows Elastic Load Balancing keeps, by ARN; times in milliseconds of AWS time. */

import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SandboxCore, Table } from '../../contract.ts';

export interface BalancerRow {
  readonly arn: string;
  readonly name: string;
  /** `app/<name>/<16 digits>`: the part its listeners' ARNs carry too. */
  readonly path: string;
  readonly dnsName: string;
  readonly zoneId: string;
  readonly scheme: 'internet-facing' | 'internal';
  readonly state: 'provisioning' | 'active';
  readonly createdAt: number;
  readonly vpcId: string;
  readonly subnets: readonly { readonly id: string; readonly zone: string }[];
  readonly groupIds: readonly string[];
  /** The 127/8 address clients connect to and targets are called from. */
  readonly address: string;
  readonly interfaceId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface TargetGroupRow {
  readonly arn: string;
  readonly name: string;
  readonly vpcId: string;
  readonly port: number;
  readonly targetType: 'instance' | 'ip';
  readonly healthCheck: HealthCheckRow;
  readonly attributes: Readonly<Record<string, string>>;
  readonly targets: readonly TargetRow[];
}

export interface HealthCheckRow {
  readonly path: string;
  /** `traffic-port`, or a number. */
  readonly port: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly matcher: string;
}

export interface TargetRow {
  readonly id: string;
  readonly port: number;
  /** Deregistered: takes no new requests, and is gone at that time. */
  readonly drainedAt?: number;
}

export interface ListenerRow {
  readonly arn: string;
  readonly balancerArn: string;
  readonly port: number;
  readonly actions: readonly Action[];
  /** Of an HTTPS listener. */
  readonly tls?: TlsRow;
}

export interface TlsRow {
  /** The default certificate. */
  readonly certificateArn: string;
  /** For the names that clients ask for in their first message (SNI). */
  readonly moreArns: readonly string[];
  readonly policy: string;
}

export interface RuleRow {
  readonly arn: string;
  readonly listenerArn: string;
  readonly priority: number;
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly Action[];
}

export interface BalancingTables {
  readonly balancers: Table<BalancerRow>;
  readonly targetGroups: Table<TargetGroupRow>;
  readonly listeners: Table<ListenerRow>;
  readonly rules: Table<RuleRow>;
  readonly tags: Table<Readonly<Record<string, string>>>;
}

export function balancingTables(core: SandboxCore, region: string): BalancingTables {
  return {
    balancers: core.table('elasticloadbalancing', region, 'load-balancers'),
    targetGroups: core.table('elasticloadbalancing', region, 'target-groups'),
    listeners: core.table('elasticloadbalancing', region, 'listeners'),
    rules: core.table('elasticloadbalancing', region, 'rules'),
    tags: core.table('elasticloadbalancing', region, 'tags'),
  };
}

export const elbArn = (core: SandboxCore, region: string, path: string): string =>
  `arn:aws:elasticloadbalancing:${region}:${core.account}:${path}`;
