/** Targets: registered, drained, and how healthy the balancer finds them. */

import type {
  DeregisterTargetsCommandInput,
  DescribeTargetHealthCommandInput,
  DescribeTargetHealthCommandOutput,
  RegisterTargetsCommandInput,
  TargetDescription,
  TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetHealthReport } from '../../balancer/configuration.ts';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import type { Balancing } from './balancing.ts';
import { placeOf } from './configuration.ts';
import { balancersOf, targetGroupOf } from './lookup.ts';
import type { TargetGroupRow, TargetRow } from './rows.ts';
import { balancingTables } from './rows.ts';
import { askOn } from './tags.ts';

export function targetOperations(core: SandboxCore, balancing: Balancing): Record<string, AnyOperation> {
  return {
    RegisterTargets: strictOperation<RegisterTargetsCommandInput, object>({
      name: 'RegisterTargets',
      members: ['TargetGroupArn', 'Targets'],
      authorize: (input, call) => [askOn(core, call, 'RegisterTargets', input.TargetGroupArn)],
      handle(input, call) {
        const group = targetGroupOf(core, call.region, input.TargetGroupArn);
        const added = (input.Targets ?? []).map((target) => checkedTarget(core, call.region, group, target));
        balancingTables(core, call.region).targetGroups.put(group.arn, {
          ...group,
          targets: [...group.targets.filter((old) => !added.some((one) => isSame(one, old))), ...added],
        });
        balancing.changed(call.region);
        return {};
      },
    }),
    DeregisterTargets: strictOperation<DeregisterTargetsCommandInput, object>({
      name: 'DeregisterTargets',
      members: ['TargetGroupArn', 'Targets'],
      authorize: (input, call) => [askOn(core, call, 'DeregisterTargets', input.TargetGroupArn)],
      handle(input, call) {
        const group = targetGroupOf(core, call.region, input.TargetGroupArn);
        for (const target of input.Targets ?? []) drain(core, call.region, group, target, balancing);
        return {};
      },
    }),
    DescribeTargetHealth: strictOperation<DescribeTargetHealthCommandInput, Answer<DescribeTargetHealthCommandOutput>>({
      name: 'DescribeTargetHealth',
      members: ['TargetGroupArn', 'Targets'],
      async handle(input, call) {
        const group = targetGroupOf(core, call.region, input.TargetGroupArn);
        await balancing.settled(call.region);
        const reports = (await balancing.health(call.region)).filter((report) => report.targetGroup === group.arn);
        const asked = input.Targets?.map(({ Id: id = '', Port: port }) => {
          const known = group.targets.find(
            (target) => target.id === id && (port === undefined || target.port === port),
          );
          return known ?? { id, port: port ?? group.port, unknown: true };
        });
        return {
          TargetHealthDescriptions: (asked ?? group.targets).map((target) => ({
            Target: { Id: target.id, Port: target.port },
            HealthCheckPort: group.healthCheck.port === 'traffic-port' ? String(target.port) : group.healthCheck.port,
            TargetHealth: 'unknown' in target ? notRegistered : healthOf(core, call.region, group, target, reports),
          })),
        };
      },
    }),
  };
}

const notRegistered: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
};

function checkedTarget(core: SandboxCore, region: string, group: TargetGroupRow, target: TargetDescription): TargetRow {
  const id = target.Id ?? '';
  const place = placeOf(core, region, group, id);
  if (place === undefined) {
    throw new AwsError(
      'InvalidTarget',
      group.targetType === 'instance'
        ? `The following targets are not in a running state and cannot be registered: '${id}'`
        : `The address '${id}' is not in the VPC of the target group`,
    );
  }
  if (place.vpcId !== group.vpcId) {
    throw new AwsError(
      'InvalidTarget',
      `The following targets are not in the target group VPC '${group.vpcId}': '${id}'`,
    );
  }
  return { id, port: target.Port ?? group.port };
}

const isSame = (one: TargetRow, other: TargetRow): boolean => one.id === other.id && one.port === other.port;

function drain(
  core: SandboxCore,
  region: string,
  group: TargetGroupRow,
  target: TargetDescription,
  balancing: Balancing,
): void {
  const { targetGroups } = balancingTables(core, region);
  const { clock } = core.region(region);
  const named = (row: TargetRow): boolean =>
    row.id === target.Id && (target.Port === undefined || row.port === target.Port);
  if (!group.targets.some(named)) {
    throw new AwsError('InvalidTarget', `The following targets are not registered: '${target.Id}'`);
  }
  const inUse = balancersOf(core, region, group.arn).length > 0;
  const delay = inUse ? 1000 * Number(group.attributes['deregistration_delay.timeout_seconds'] ?? '300') : 0;
  const drainedAt = clock.now() + delay;
  targetGroups.update(group.arn, (row) => ({
    ...row,
    targets: row.targets.map((one) => (named(one) && one.drainedAt === undefined ? { ...one, drainedAt } : one)),
  }));
  const remove = () => removeDrained(core, region, group.arn, balancing);
  if (delay === 0) remove();
  else clock.after(delay, remove);
  balancing.changed(region);
}

function removeDrained(core: SandboxCore, region: string, groupArn: string, balancing: Balancing): void {
  const now = core.region(region).clock.now();
  balancingTables(core, region).targetGroups.update(groupArn, (row) => ({
    ...row,
    // A target that was registered again meanwhile stays.
    targets: row.targets.filter((one) => one.drainedAt === undefined || one.drainedAt > now),
  }));
  balancing.changed(region);
}

/** Targets that were draining in an earlier life go when they would have gone. */
export function resumeDraining(core: SandboxCore, region: string, balancing: Balancing): void {
  const { clock } = core.region(region);
  for (const { arn, targets } of balancingTables(core, region).targetGroups.values()) {
    for (const { drainedAt } of targets) {
      if (drainedAt === undefined) continue;
      clock.after(Math.max(0, drainedAt - clock.now()), () => removeDrained(core, region, arn, balancing));
    }
  }
}

function healthOf(
  core: SandboxCore,
  region: string,
  group: TargetGroupRow,
  target: TargetRow,
  reports: readonly TargetHealthReport[],
): TargetHealth {
  if (target.drainedAt !== undefined) {
    return {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    };
  }
  if (balancersOf(core, region, group.arn).length === 0) {
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  }
  if (placeOf(core, region, group, target.id) === undefined) {
    return { State: 'unused', Reason: 'Target.InvalidState', Description: 'Target is in the stopped state' };
  }
  const report = reports.find((one) => one.id === target.id && one.port === target.port);
  if (report === undefined) {
    return {
      State: 'initial',
      Reason: 'Elb.RegistrationInProgress',
      Description: 'Target registration is in progress',
    };
  }
  if (report.state === 'healthy') return { State: 'healthy' };
  return { State: report.state, Reason: report.reason as 'Target.Timeout', Description: report.description };
}
