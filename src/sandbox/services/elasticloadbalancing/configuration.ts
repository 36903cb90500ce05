/** From the rows of a Region to what its load balancer process is told. */

import type {
  BalancerConfiguration,
  BalancerSpec,
  ListenerSpec,
  TargetGroupSpec,
  TargetSpec,
} from '../../balancer/configuration.ts';
import type { SandboxCore } from '../../contract.ts';
import { machineTables } from '../ec2/machine-rows.ts';
import { lets } from '../ec2/refused-packets.ts';
import { ec2Tables } from '../ec2/rows.ts';
import { actionSpec, conditionSpec } from './actions.ts';
import { balancersOf } from './lookup.ts';
import type { BalancerRow, ListenerRow, TargetGroupRow, TargetRow } from './rows.ts';
import { balancingTables } from './rows.ts';
import { tlsSpec } from './tls.ts';

export function configurationOf(core: SandboxCore, region: string): BalancerConfiguration {
  const { balancers, targetGroups } = balancingTables(core, region);
  const active = balancers.values().filter((row) => row.state === 'active');
  return {
    balancers: active.map((row) => balancerSpec(core, region, row)),
    targetGroups: targetGroups.values().flatMap((row) => groupSpec(core, region, row) ?? []),
  };
}

function balancerSpec(core: SandboxCore, region: string, row: BalancerRow): BalancerSpec {
  const { listeners } = balancingTables(core, region);
  return {
    arn: row.arn,
    address: row.address,
    idleTimeoutSeconds: Number(row.attributes['idle_timeout.timeout_seconds'] ?? '60'),
    listeners: listeners
      .values()
      .filter((listener) => listener.balancerArn === row.arn)
      .map((listener) => listenerSpec(core, region, listener)),
  };
}

function listenerSpec(core: SandboxCore, region: string, row: ListenerRow): ListenerSpec {
  const rules = balancingTables(core, region)
    .rules.values()
    .filter((rule) => rule.listenerArn === row.arn)
    .sort((one, other) => one.priority - other.priority)
    .flatMap((rule) =>
      rule.actions.map((action) => ({ conditions: rule.conditions.map(conditionSpec), action: actionSpec(action) })),
    );
  const tls = tlsSpec(core, region, row);
  return {
    arn: row.arn,
    port: row.port,
    ...(tls === undefined ? {} : { tls }),
    rules: [...rules, ...row.actions.map((action) => ({ conditions: [], action: actionSpec(action) }))],
  };
}

/** Only groups that serve an active balancer are checked. */
function groupSpec(core: SandboxCore, region: string, row: TargetGroupRow): TargetGroupSpec | undefined {
  const balancer = balancersOf(core, region, row.arn).find((one) => one.state === 'active');
  if (balancer === undefined) return undefined;
  const { path, intervalSeconds, timeoutSeconds, healthyThreshold, unhealthyThreshold, matcher } = row.healthCheck;
  return {
    arn: row.arn,
    balancer: balancer.arn,
    healthCheck: { path, intervalSeconds, timeoutSeconds, healthyThreshold, unhealthyThreshold, matcher },
    targets: row.targets.flatMap((target) => targetSpec(core, region, row, target, balancer) ?? []),
  };
}

/** Where a target is: undefined when it has no address now (an instance that is not running). */
function targetSpec(
  core: SandboxCore,
  region: string,
  group: TargetGroupRow,
  target: TargetRow,
  balancer: BalancerRow,
): TargetSpec | undefined {
  const place = placeOf(core, region, group, target.id);
  if (place === undefined) return undefined;
  const checkPort = group.healthCheck.port === 'traffic-port' ? target.port : Number(group.healthCheck.port);
  const isLetIn = (port: number): boolean => {
    const asked = { fromAddress: balancer.address, toSecurityGroups: place.groupIds, port };
    return lets(core, region, asked, `${target.id} on port ${port}`);
  };
  return {
    id: target.id,
    port: target.port,
    checkPort,
    host: place.host,
    admitted: isLetIn(target.port) && isLetIn(checkPort),
    draining: target.drainedAt !== undefined,
  };
}

export interface TargetPlace {
  readonly host: string;
  readonly vpcId: string;
  readonly groupIds: readonly string[];
}

/** The address a target's program really listens on. */
export function placeOf(core: SandboxCore, region: string, group: TargetGroupRow, id: string): TargetPlace | undefined {
  if (group.targetType === 'instance') {
    const row = machineTables(core, region).instances.get(id);
    return row?.state === 'running' ? { host: row.address, vpcId: row.vpcId, groupIds: row.groupIds } : undefined;
  }
  const row = ec2Tables(core, region)
    .interfaces.values()
    .find((one) => one.vpcId === group.vpcId && one.privateAddress === id);
  return row?.address === undefined ? undefined : { host: row.address, vpcId: row.vpcId, groupIds: row.groupIds };
}
