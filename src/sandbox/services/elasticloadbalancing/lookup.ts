/** Finding balancers, target groups, listeners and rules by ARN, with AWS's errors for those that aren't there. */

import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { BalancerRow, ListenerRow, RuleRow, TargetGroupRow } from './rows.ts';
import { balancingTables } from './rows.ts';

export function balancerOf(core: SandboxCore, region: string, arn: string | undefined): BalancerRow {
  const row = balancingTables(core, region).balancers.get(arn ?? '');
  if (row === undefined) throw new AwsError('LoadBalancerNotFound', `Load balancer '${arn}' not found`);
  return row;
}

export function targetGroupOf(core: SandboxCore, region: string, arn: string | undefined): TargetGroupRow {
  const row = balancingTables(core, region).targetGroups.get(arn ?? '');
  if (row === undefined) throw new AwsError('TargetGroupNotFound', `Target group '${arn}' not found`);
  return row;
}

export function listenerOf(core: SandboxCore, region: string, arn: string | undefined): ListenerRow {
  const row = balancingTables(core, region).listeners.get(arn ?? '');
  if (row === undefined) throw new AwsError('ListenerNotFound', `Listener '${arn}' not found`);
  return row;
}

export function ruleOf(core: SandboxCore, region: string, arn: string | undefined): RuleRow {
  const row = balancingTables(core, region).rules.get(arn ?? '');
  if (row === undefined) throw new AwsError('RuleNotFound', `Rule '${arn}' not found`);
  return row;
}

/** The balancers whose listeners or rules lead to a target group. AWS allows one. */
export function balancersOf(core: SandboxCore, region: string, targetGroupArn: string): BalancerRow[] {
  const { balancers, listeners, rules } = balancingTables(core, region);
  const leads = (row: ListenerRow | RuleRow): boolean =>
    row.actions.some((action) => groupsIn(action).includes(targetGroupArn));
  const led = new Set(
    rules
      .values()
      .filter(leads)
      .map((row) => row.listenerArn),
  );
  const arns = new Set(
    listeners
      .values()
      .filter((row) => leads(row) || led.has(row.arn))
      .map((row) => row.balancerArn),
  );
  return balancers.values().filter((row) => arns.has(row.arn));
}

/** The target groups an action forwards to. */
export function groupsIn(action: ListenerRow['actions'][number]): string[] {
  const many = (action.ForwardConfig?.TargetGroups ?? []).flatMap((one) => one.TargetGroupArn ?? []);
  return many.length > 0 ? many : action.TargetGroupArn === undefined ? [] : [action.TargetGroupArn];
}

export const validationError = (message: string): AwsError => new AwsError('ValidationError', message);
