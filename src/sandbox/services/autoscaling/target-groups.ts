/** A group's target groups: attached, detached, and kept in step with its members. */

import type {
  AttachLoadBalancerTargetGroupsCommandInput,
  DescribeLoadBalancerTargetGroupsCommandInput,
  DescribeLoadBalancerTargetGroupsCommandOutput,
  DetachLoadBalancerTargetGroupsCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { limits } from '../../../facts/limits.ts';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';
import { page } from '../ec2/pages.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { askOnGroup, groupOf, validationError } from './lookup.ts';
import { scalingTables } from './rows.ts';

export function targetGroupOperations(core: SandboxCore): Record<string, AnyOperation> {
  const inService = (region: string, name: string | undefined): string[] =>
    groupOf(core, region, name).members.flatMap((member) => (member.state === 'InService' ? [member.id] : []));

  return {
    AttachLoadBalancerTargetGroups: strictOperation<AttachLoadBalancerTargetGroupsCommandInput, object>({
      name: 'AttachLoadBalancerTargetGroups',
      members: ['AutoScalingGroupName', 'TargetGroupARNs'],
      authorize: (input, call) => [
        askOnGroup(core, call, 'AttachLoadBalancerTargetGroups', input.AutoScalingGroupName, {
          'autoscaling:TargetGroupARNs': input.TargetGroupARNs ?? [],
        }),
      ],
      async handle(input, call) {
        const { name, targetGroupArns } = groupOf(core, call.region, input.AutoScalingGroupName);
        const added = input.TargetGroupARNs ?? [];
        checkTargetGroupCount([...targetGroupArns, ...added]);
        await checkTargetGroups(core, call.region, added);
        await registerWith(core, call.region, added, inService(call.region, name));
        scalingTables(core, call.region).groups.update(name, (row) => ({
          ...row,
          targetGroupArns: [...new Set([...row.targetGroupArns, ...added])],
        }));
        return {};
      },
    }),
    DetachLoadBalancerTargetGroups: strictOperation<DetachLoadBalancerTargetGroupsCommandInput, object>({
      name: 'DetachLoadBalancerTargetGroups',
      members: ['AutoScalingGroupName', 'TargetGroupARNs'],
      authorize: (input, call) => [
        askOnGroup(core, call, 'DetachLoadBalancerTargetGroups', input.AutoScalingGroupName, {
          'autoscaling:TargetGroupARNs': input.TargetGroupARNs ?? [],
        }),
      ],
      async handle(input, call) {
        const { name } = groupOf(core, call.region, input.AutoScalingGroupName);
        const gone = input.TargetGroupARNs ?? [];
        scalingTables(core, call.region).groups.update(name, (row) => ({
          ...row,
          targetGroupArns: row.targetGroupArns.filter((arn) => !gone.includes(arn)),
        }));
        await deregisterFrom(core, call.region, gone, inService(call.region, name));
        return {};
      },
    }),
    DescribeLoadBalancerTargetGroups: strictOperation<
      DescribeLoadBalancerTargetGroupsCommandInput,
      Answer<DescribeLoadBalancerTargetGroupsCommandOutput>
    >({
      name: 'DescribeLoadBalancerTargetGroups',
      members: ['AutoScalingGroupName', 'MaxRecords', 'NextToken'],
      handle(input, call) {
        const arns = groupOf(core, call.region, input.AutoScalingGroupName).targetGroupArns;
        const cut = page(arns, input.MaxRecords, input.NextToken, 100);
        return {
          LoadBalancerTargetGroups: cut.rows.map((arn) => ({ LoadBalancerTargetGroupARN: arn, State: 'InService' })),
          NextToken: cut.nextToken,
        };
      },
    }),
  };
}

export function checkTargetGroupCount(arns: readonly string[]): void {
  const most = limits.autoscaling.target_groups_per_asg;
  const count = new Set(arns).size;
  if (count > most) throw validationError(`An Auto Scaling group can have ${most} target groups, not ${count}.`);
}

export async function checkTargetGroups(core: SandboxCore, region: string, arns: readonly string[]): Promise<void> {
  if (arns.length === 0) return;
  await core
    .invoke({
      service: 'elasticloadbalancing',
      operation: 'DescribeTargetGroups',
      region,
      input: { TargetGroupArns: arns },
      principal: core.as('autoscaling'),
    })
    .catch((error: unknown) => {
      throw codeOf(error) === 'TargetGroupNotFound'
        ? validationError(`Target groups not found among: ${arns.join(', ')}`)
        : error;
    });
}

export const registerWith = (
  core: SandboxCore,
  region: string,
  arns: readonly string[],
  ids: readonly string[],
): Promise<void> => withEach(core, region, 'RegisterTargets', arns, ids);

/** Takes instances out of target groups; one that isn't in is out already. */
export async function deregisterFrom(
  core: SandboxCore,
  region: string,
  arns: readonly string[],
  ids: readonly string[],
): Promise<void> {
  for (const arn of arns) {
    for (const id of ids) {
      await withEach(core, region, 'DeregisterTargets', [arn], [id]).catch((error: unknown) => {
        if (codeOf(error) !== 'InvalidTarget' && codeOf(error) !== 'TargetGroupNotFound') throw error;
      });
    }
  }
}

async function withEach(
  core: SandboxCore,
  region: string,
  operation: string,
  arns: readonly string[],
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  for (const arn of arns) {
    const input = { TargetGroupArn: arn, Targets: ids.map((Id) => ({ Id })) };
    await core.invoke({ service: 'elasticloadbalancing', operation, region, input, principal: core.as('autoscaling') });
  }
}
