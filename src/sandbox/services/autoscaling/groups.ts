/** Auto Scaling groups: created, changed, described, deleted. */

import type {
  AutoScalingGroup,
  AutoScalingInstanceDetails,
  CreateAutoScalingGroupCommandInput,
  DeleteAutoScalingGroupCommandInput,
  DescribeAutoScalingGroupsCommandInput,
  DescribeAutoScalingGroupsCommandOutput,
  DescribeAutoScalingInstancesCommandInput,
  DescribeAutoScalingInstancesCommandOutput,
  UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { limits } from '../../../facts/limits.ts';
import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { tagContext } from '../ec2/asks.ts';
import { matching } from '../ec2/filters.ts';
import { page } from '../ec2/pages.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { askToLink, ensureLinkedRole, isLinked } from '../iam/service-linked-roles.ts';
import { causeAt } from './activities.ts';
import { settingsFrom, sharedMembers } from './group-input.ts';
import { launchSource, proveLaunchable, sourceAsks } from './launch-source.ts';
import { askOnGroup, groupArn, groupOf, validationError } from './lookup.ts';
import { describeDistribution } from './mixed-policy.ts';
import type { Reconciler } from './reconciler.ts';
import type { GroupRow, LaunchSource, MemberRow } from './rows.ts';
import { scalingTables } from './rows.ts';
import { describeTags, groupTags } from './tags.ts';
import { checkTargetGroupCount, checkTargetGroups } from './target-groups.ts';

const service = 'autoscaling.amazonaws.com';

export function groupOperations(core: SandboxCore, reconcile: Reconciler): Record<string, AnyOperation> {
  const sizeAsks = (
    action: string,
    input: CreateAutoScalingGroupCommandInput | UpdateAutoScalingGroupCommandInput,
    call: Call,
    context: Ask['context'] = {},
  ): Ask[] => [
    askOnGroup(core, call, action, input.AutoScalingGroupName, {
      ...context,
      ...(input.MinSize === undefined ? {} : { 'autoscaling:MinSize': String(input.MinSize) }),
      ...(input.MaxSize === undefined ? {} : { 'autoscaling:MaxSize': String(input.MaxSize) }),
    }),
    ...sourceAsks(core, call, input, input.VPCZoneIdentifier?.split(',')[0]?.trim()),
  ];

  return {
    CreateAutoScalingGroup: strictOperation<CreateAutoScalingGroupCommandInput, object>({
      name: 'CreateAutoScalingGroup',
      members: [...sharedMembers, 'TargetGroupARNs', 'Tags'],
      authorize: (input, call) => [
        ...sizeAsks('CreateAutoScalingGroup', input, call, tagContext(input.Tags)),
        // The first group of an account makes the service's role.
        ...(isLinked(core, service) ? [] : [askToLink(core, service)]),
      ],
      async handle(input, call) {
        const { groups } = scalingTables(core, call.region);
        const name = input.AutoScalingGroupName ?? '';
        if (!/^[^:]{1,255}$/.test(name))
          throw validationError(`AutoScalingGroupName '${name}' must be 1 to 255 characters, without a colon.`);
        if (groups.has(name)) {
          throw new AwsError(
            'AlreadyExists',
            `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
          );
        }
        if (groups.size >= limits.autoscaling.asgs_per_region) {
          throw new AwsError(
            'LimitExceeded',
            // The form is AWS's, seen of launch configurations (Netflix/asgard#346).
            `AutoScalingGroup limit exceeded - You may only have ${limits.autoscaling.asgs_per_region} auto scaling groups`,
          );
        }
        checkTargetGroupCount(input.TargetGroupARNs ?? []);
        const settings = settingsFrom(core, call.region, input, undefined);
        const source = await launchSource(core, call, input, undefined);
        if (source === undefined)
          throw validationError('Valid requests must contain either LaunchTemplate or MixedInstancesPolicy.');
        await proveLaunchable(core, call, source);
        await checkTargetGroups(core, call.region, input.TargetGroupARNs ?? []);
        ensureLinkedRole(core, service);
        groups.put(name, {
          ...settings,
          name,
          arn: groupArn(core, call.region, core.ids.uuid(), name),
          createdAt: core.region(call.region).clock.now(),
          source,
          targetGroupArns: input.TargetGroupARNs ?? [],
          suspended: [],
          tags: groupTags(input.Tags),
          deleting: false,
          members: [],
          launchNotBefore: 0,
          failures: 0,
          cause: causeAt(
            core,
            call.region,
            `a user request created an AutoScalingGroup changing the desired capacity from 0 to ${settings.desired}.`,
          ),
        });
        reconcile.wake(call.region, name);
        return {};
      },
    }),
    UpdateAutoScalingGroup: strictOperation<UpdateAutoScalingGroupCommandInput, object>({
      name: 'UpdateAutoScalingGroup',
      members: [...sharedMembers],
      authorize: (input, call) => sizeAsks('UpdateAutoScalingGroup', input, call),
      async handle(input, call) {
        const row = groupOf(core, call.region, input.AutoScalingGroupName);
        if (row.deleting)
          throw new AwsError('ScalingActivityInProgress', `AutoScalingGroup '${row.name}' is being deleted`);
        const settings = settingsFrom(core, call.region, input, row);
        const source = (await launchSource(core, call, input, row.source)) ?? row.source;
        await proveLaunchable(core, call, source);
        const cause = causeAt(
          core,
          call.region,
          `a user request update of AutoScalingGroup constraints to min: ${settings.min}, max: ${settings.max}, desired: ${settings.desired} changing the desired capacity from ${row.desired} to ${settings.desired}.`,
        );
        scalingTables(core, call.region).groups.update(row.name, (old) => ({ ...old, ...settings, source, cause }));
        reconcile.wake(call.region, row.name);
        return {};
      },
    }),
    DeleteAutoScalingGroup: strictOperation<DeleteAutoScalingGroupCommandInput, object>({
      name: 'DeleteAutoScalingGroup',
      members: ['AutoScalingGroupName', 'ForceDelete'],
      authorize: (input, call) => [askOnGroup(core, call, 'DeleteAutoScalingGroup', input.AutoScalingGroupName)],
      handle(input, call) {
        const { groups, policies } = scalingTables(core, call.region);
        const row = groupOf(core, call.region, input.AutoScalingGroupName);
        if (row.members.length > 0 && input.ForceDelete !== true) {
          throw new AwsError(
            'ResourceInUse',
            'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
          );
        }
        for (const policy of policies.values())
          if (policy.group === row.name) policies.delete(`${row.name}/${policy.name}`);
        if (row.members.length === 0) {
          groups.delete(row.name);
          return {};
        }
        groups.update(row.name, (old) => ({ ...old, min: 0, desired: 0, deleting: true }));
        reconcile.wake(call.region, row.name);
        return {};
      },
    }),
    DescribeAutoScalingGroups: strictOperation<
      DescribeAutoScalingGroupsCommandInput,
      Answer<DescribeAutoScalingGroupsCommandOutput>
    >({
      name: 'DescribeAutoScalingGroups',
      members: ['AutoScalingGroupNames', 'Filters', 'MaxRecords', 'NextToken'],
      handle(input, call) {
        const all = scalingTables(core, call.region).groups.values();
        const names = input.AutoScalingGroupNames ?? [];
        const rows = matching(
          names.length === 0 ? all : all.filter((row) => names.includes(row.name)),
          input.Filters,
          {},
          (row) => Object.fromEntries(row.tags.map((tag) => [tag.key, tag.value])),
        );
        const cut = page(rows, input.MaxRecords, input.NextToken, 100);
        return { AutoScalingGroups: cut.rows.map(describe), NextToken: cut.nextToken };
      },
    }),
    DescribeAutoScalingInstances: strictOperation<
      DescribeAutoScalingInstancesCommandInput,
      Answer<DescribeAutoScalingInstancesCommandOutput>
    >({
      name: 'DescribeAutoScalingInstances',
      members: ['InstanceIds', 'MaxRecords', 'NextToken'],
      handle(input, call) {
        const all = scalingTables(core, call.region)
          .groups.values()
          .flatMap((row) => row.members.map((member) => ({ row, member })));
        const ids = input.InstanceIds ?? [];
        const rows = ids.length === 0 ? all : all.filter(({ member }) => ids.includes(member.id));
        const cut = page(rows, input.MaxRecords, input.NextToken, 50);
        return {
          AutoScalingInstances: cut.rows.map(
            ({ row, member }): AutoScalingInstanceDetails => ({
              ...describeMember(row.source, member),
              AutoScalingGroupName: row.name,
            }),
          ),
          NextToken: cut.nextToken,
        };
      },
    }),
  };
}

function describe(row: GroupRow): AutoScalingGroup {
  const template = {
    LaunchTemplateId: row.source.templateId,
    LaunchTemplateName: row.source.templateName,
    Version: row.source.version,
  };
  return {
    AutoScalingGroupName: row.name,
    AutoScalingGroupARN: row.arn,
    ...(row.source.distribution === undefined
      ? { LaunchTemplate: template }
      : {
          MixedInstancesPolicy: {
            LaunchTemplate: {
              LaunchTemplateSpecification: template,
              Overrides: row.source.types.map((InstanceType) => ({ InstanceType })),
            },
            InstancesDistribution: describeDistribution(row.source.distribution),
          },
        }),
    MinSize: row.min,
    MaxSize: row.max,
    DesiredCapacity: row.desired,
    DefaultCooldown: row.cooldownSeconds,
    AvailabilityZones: [...row.zones],
    LoadBalancerNames: [],
    TargetGroupARNs: [...row.targetGroupArns],
    HealthCheckType: row.elbHealth ? 'ELB' : 'EC2',
    HealthCheckGracePeriod: row.graceSeconds,
    Instances: row.members.map((member) => describeMember(row.source, member)),
    CreatedTime: new Date(row.createdAt),
    EnabledMetrics: (row.metrics ?? []).map((Metric) => ({ Metric, Granularity: '1Minute' })),
    SuspendedProcesses: row.suspended.map((ProcessName) => ({ ProcessName, SuspensionReason: 'User suspended' })),
    VPCZoneIdentifier: row.subnetIds.join(','),
    ...(row.deleting ? { Status: 'Delete in progress' } : {}),
    Tags: describeTags(row),
    TerminationPolicies: [row.terminationPolicy],
    NewInstancesProtectedFromScaleIn: false,
  };
}

const describeMember = (source: LaunchSource, member: MemberRow) => ({
  InstanceId: member.id,
  InstanceType: member.type,
  AvailabilityZone: member.zone,
  LifecycleState: member.state,
  HealthStatus: member.unhealthy ? 'Unhealthy' : 'Healthy',
  LaunchTemplate: {
    LaunchTemplateId: source.templateId,
    LaunchTemplateName: source.templateName,
    Version: member.templateVersion,
  },
  ProtectedFromScaleIn: false,
});
