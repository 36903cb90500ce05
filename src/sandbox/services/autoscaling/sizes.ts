/** Changing a group's size, its instances and its processes, without changing what it is. */

import type {
  ResumeProcessesCommandInput,
  SetDesiredCapacityCommandInput,
  SetInstanceHealthCommandInput,
  SuspendProcessesCommandInput,
  TerminateInstanceInAutoScalingGroupCommandInput,
  TerminateInstanceInAutoScalingGroupCommandOutput,
} from '@aws-sdk/client-auto-scaling';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { beginActivity, causeAt, describeActivity } from './activities.ts';
import { markUnhealthy } from './health.ts';
import { askOnGroup, groupOf, groupWith, validationError } from './lookup.ts';
import type { Reconciler } from './reconciler.ts';
import { scalingTables, updateMember } from './rows.ts';
import { beginTermination } from './scaling.ts';

const processes = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
];

export function sizeOperations(core: SandboxCore, reconcile: Reconciler): Record<string, AnyOperation> {
  return {
    SetDesiredCapacity: strictOperation<SetDesiredCapacityCommandInput, object>({
      name: 'SetDesiredCapacity',
      members: ['AutoScalingGroupName', 'DesiredCapacity', 'HonorCooldown'],
      authorize: (input, call) => [askOnGroup(core, call, 'SetDesiredCapacity', input.AutoScalingGroupName)],
      handle(input, call) {
        const row = groupOf(core, call.region, input.AutoScalingGroupName);
        const desired = input.DesiredCapacity ?? -1;
        if (desired < row.min || desired > row.max) {
          const [side, bound] = desired < row.min ? ['below min', row.min] : ['above max', row.max];
          throw validationError(
            `New SetDesiredCapacity value ${desired} is ${side} value ${bound} for the AutoScalingGroup.`,
          );
        }
        if (input.HonorCooldown === true && isCooling(core, call.region, row.name, row.cooldownSeconds)) {
          throw new AwsError('ScalingActivityInProgress', `AutoScalingGroup ${row.name} is in its cooldown period`);
        }
        const cause = causeAt(
          core,
          call.region,
          `a user request explicitly set group desired capacity changing the desired capacity from ${row.desired} to ${desired}.`,
        );
        scalingTables(core, call.region).groups.update(row.name, (old) => ({ ...old, desired, cause }));
        reconcile.wake(call.region, row.name);
        return {};
      },
    }),
    TerminateInstanceInAutoScalingGroup: strictOperation<
      TerminateInstanceInAutoScalingGroupCommandInput,
      Answer<TerminateInstanceInAutoScalingGroupCommandOutput>
    >({
      name: 'TerminateInstanceInAutoScalingGroup',
      members: ['InstanceId', 'ShouldDecrementDesiredCapacity'],
      authorize: (input, call) => {
        const row = scalingTables(core, call.region)
          .groups.values()
          .find((group) => group.members.some((member) => member.id === input.InstanceId));
        return [askOnGroup(core, call, 'TerminateInstanceInAutoScalingGroup', row?.name)];
      },
      async handle(input, call) {
        const row = groupWith(core, call.region, input.InstanceId);
        const member = row.members.find((one) => one.id === input.InstanceId);
        const { activities, groups } = scalingTables(core, call.region);
        if (member === undefined || member.state === 'Terminating') {
          throw new AwsError('ScalingActivityInProgress', `Instance ${input.InstanceId} is being terminated already`);
        }
        if (input.ShouldDecrementDesiredCapacity === true) {
          if (row.desired - 1 < row.min) {
            throw validationError(
              `Currently, desiredSize equals minSize (${row.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
            );
          }
          groups.update(row.name, (old) => ({ ...old, desired: old.desired - 1 }));
        }
        const activityId = beginActivity(core, call.region, {
          group: row.name,
          description: `Terminating EC2 instance: ${member.id}`,
          cause: causeAt(
            core,
            call.region,
            `instance ${member.id} was taken out of service in response to a user request.`,
          ),
          details: JSON.stringify({ 'Availability Zone': member.zone }),
        });
        await beginTermination(core, call.region, row.name, member, activityId);
        reconcile.wake(call.region, row.name);
        const activity = activities.get(activityId);
        return activity === undefined ? {} : { Activity: describeActivity(activity) };
      },
    }),
    SetInstanceHealth: strictOperation<SetInstanceHealthCommandInput, object>({
      name: 'SetInstanceHealth',
      members: ['InstanceId', 'HealthStatus', 'ShouldRespectGracePeriod'],
      authorize: (input, call) => {
        const row = scalingTables(core, call.region)
          .groups.values()
          .find((group) => group.members.some((member) => member.id === input.InstanceId));
        return [askOnGroup(core, call, 'SetInstanceHealth', row?.name)];
      },
      handle(input, call) {
        const row = groupWith(core, call.region, input.InstanceId);
        const member = row.members.find((one) => one.id === input.InstanceId);
        const since = core.region(call.region).clock.now() - (member?.inServiceAt ?? 0);
        const inGrace = input.ShouldRespectGracePeriod === true && since < 1000 * row.graceSeconds;
        if (input.HealthStatus === 'Healthy') {
          updateMember(core, call.region, row.name, member?.id ?? '', (old) =>
            old.state === 'Terminating' ? old : { ...old, unhealthy: false },
          );
        } else if (input.HealthStatus === 'Unhealthy') {
          if (member?.state === 'InService' && !inGrace) {
            markUnhealthy(
              core,
              call.region,
              row.name,
              member.id,
              'an instance was taken out of service in response to a user health-check.',
            );
          }
        } else throw validationError(`HealthStatus '${input.HealthStatus}' must be Healthy or Unhealthy.`);
        return {};
      },
    }),
    SuspendProcesses: strictOperation<SuspendProcessesCommandInput, object>({
      name: 'SuspendProcesses',
      members: ['AutoScalingGroupName', 'ScalingProcesses'],
      authorize: (input, call) => [askOnGroup(core, call, 'SuspendProcesses', input.AutoScalingGroupName)],
      handle(input, call) {
        const { name } = groupOf(core, call.region, input.AutoScalingGroupName);
        const named = checkedProcesses(input.ScalingProcesses);
        scalingTables(core, call.region).groups.update(name, (row) => ({
          ...row,
          suspended: [...new Set([...row.suspended, ...named])],
        }));
        return {};
      },
    }),
    ResumeProcesses: strictOperation<ResumeProcessesCommandInput, object>({
      name: 'ResumeProcesses',
      members: ['AutoScalingGroupName', 'ScalingProcesses'],
      authorize: (input, call) => [askOnGroup(core, call, 'ResumeProcesses', input.AutoScalingGroupName)],
      handle(input, call) {
        const { name } = groupOf(core, call.region, input.AutoScalingGroupName);
        const named = checkedProcesses(input.ScalingProcesses);
        scalingTables(core, call.region).groups.update(name, (row) => ({
          ...row,
          suspended: row.suspended.filter((process) => !named.includes(process)),
        }));
        reconcile.wake(call.region, name);
        return {};
      },
    }),
  };
}

/** None named means all of them. */
function checkedProcesses(named: readonly string[] | undefined): readonly string[] {
  if (named === undefined || named.length === 0) return processes;
  const unknown = named.find((process) => !processes.includes(process));
  if (unknown === undefined) return named;
  throw validationError(`The process '${unknown}' is not one of: ${processes.join(', ')}.`);
}

function isCooling(core: SandboxCore, region: string, name: string, seconds: number): boolean {
  const now = core.region(region).clock.now();
  return scalingTables(core, region)
    .activities.values()
    .some((row) => row.group === name && now - (row.endedAt ?? now) < 1000 * seconds);
}
