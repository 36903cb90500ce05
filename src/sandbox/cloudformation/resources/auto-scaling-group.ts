/**
 * AWS::AutoScaling::AutoScalingGroup. Every update re-sends the declared sizes, unless the update policy says to leave unmodified
 * ones alone; a rollback re-sends them whatever it says.
 */

import type { DescribeAutoScalingGroupsCommandOutput } from '@aws-sdk/client-auto-scaling';
import type { JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceChange, ResourceContext, ResourceType } from '../resource-type.ts';
import { flagOf, listOf, objectOf, textOf } from '../resource-type.ts';
import { difference, pick } from './pick.ts';

const sizes = ['MinSize', 'MaxSize', 'DesiredCapacity'];

/** Members the API takes as they are declared. */
const same = [
  'AvailabilityZones',
  'CapacityRebalance',
  'DefaultInstanceWarmup',
  'HealthCheckGracePeriod',
  'HealthCheckType',
  'LaunchTemplate',
  'MixedInstancesPolicy',
  'NewInstancesProtectedFromScaleIn',
  'TerminationPolicies',
];

export const autoScalingGroup: ResourceType = {
  name: 'AWS::AutoScaling::AutoScalingGroup',
  properties: {
    AutoScalingGroupName: 'replace',
    AvailabilityZones: 'update',
    CapacityRebalance: 'update',
    Cooldown: 'update',
    DefaultInstanceWarmup: 'update',
    DesiredCapacity: 'update',
    HealthCheckGracePeriod: 'update',
    HealthCheckType: 'update',
    LaunchTemplate: 'update',
    MaxSize: 'update',
    MetricsCollection: 'update',
    MinSize: 'update',
    MixedInstancesPolicy: 'update',
    NewInstancesProtectedFromScaleIn: 'update',
    Tags: 'update',
    TargetGroupARNs: 'update',
    TerminationPolicies: 'update',
    VPCZoneIdentifier: 'update',
  },
  required: ['MinSize', 'MaxSize'],
  attributes: ['AutoScalingGroupARN'],
  nameProperty: 'AutoScalingGroupName',
  tags: 'list',
  updatePolicies: ['AutoScalingScheduledAction'],
  async create(properties, context) {
    const id = textOf(properties.AutoScalingGroupName) ?? context.physicalName(255);
    await context.call('autoscaling', 'CreateAutoScalingGroup', {
      AutoScalingGroupName: id,
      ...pick(properties, [...sizes, ...same, 'TargetGroupARNs']),
      ...renamed(properties),
      Tags: tags(id, properties),
    });
    await collectMetrics(id, properties, context);
    const group = await described(id, context);
    return { id, attributes: { AutoScalingGroupARN: group?.AutoScalingGroupARN ?? '' } };
  },
  async update(change, context) {
    const { id, properties } = change;
    await context.call('autoscaling', 'UpdateAutoScalingGroup', {
      AutoScalingGroupName: id,
      ...pick(properties, [...sizesToSend(change, context), ...same]),
      ...renamed(properties),
    });
    await syncTargetGroups(change, context);
    await syncMetrics(change, context);
    await syncGroupTags(change, context);
    return undefined;
  },
  async delete({ id: AutoScalingGroupName }, context) {
    if ((await described(AutoScalingGroupName, context)) === undefined) return;
    const none = { AutoScalingGroupName, MinSize: 0, MaxSize: 0, DesiredCapacity: 0 };
    await context.call('autoscaling', 'UpdateAutoScalingGroup', none);
    await context.until(`instances of ${AutoScalingGroupName} to end`, async () => {
      const group = await described(AutoScalingGroupName, context);
      return group === undefined || (group.Instances ?? []).length === 0;
    });
    await unlessGone(context.call('autoscaling', 'DeleteAutoScalingGroup', { AutoScalingGroupName }));
    await context.until(
      `deletion of ${AutoScalingGroupName}`,
      async () => (await described(AutoScalingGroupName, context)) === undefined,
    );
  },
  async read({ id }, call) {
    const group = await described(id, { call });
    if (group === undefined) return {};
    const { DesiredCapacity = 0, HealthCheckGracePeriod = 0, HealthCheckType = '', MaxSize = 0, MinSize = 0 } = group;
    return { DesiredCapacity, HealthCheckGracePeriod, HealthCheckType, MaxSize, MinSize };
  },
};

function sizesToSend({ changed }: ResourceChange, { updatePolicy, rollingBack }: ResourceContext): string[] {
  const policy = objectOf(updatePolicy.AutoScalingScheduledAction);
  const onlyModified = flagOf(policy.IgnoreUnmodifiedGroupSizeProperties) && !rollingBack;
  return onlyModified ? sizes.filter((name) => changed.has(name)) : sizes;
}

const renamed = ({ Cooldown, VPCZoneIdentifier }: JsonObject) => ({
  DefaultCooldown: Cooldown,
  VPCZoneIdentifier: VPCZoneIdentifier === undefined ? undefined : listOf(VPCZoneIdentifier).map(asText).join(','),
});

const tags = (id: string, properties: JsonObject): object[] =>
  listOf(properties.Tags).map((tag) => ({
    // Stack tags say nothing of propagation: they reach the instances.
    PropagateAtLaunch: true,
    ...objectOf(tag),
    ResourceId: id,
    ResourceType: 'auto-scaling-group',
  }));

async function syncTargetGroups({ id, changed, previous, properties }: ResourceChange, context: ResourceContext) {
  if (!changed.has('TargetGroupARNs')) return;
  const arns = (source: JsonObject) => listOf(source.TargetGroupARNs).map(String);
  const { added, removed } = difference(arns(previous), arns(properties));
  const call = (operation: string, TargetGroupARNs: string[]) =>
    context.call('autoscaling', operation, { AutoScalingGroupName: id, TargetGroupARNs });
  if (removed.length > 0) await call('DetachLoadBalancerTargetGroups', removed);
  if (added.length > 0) await call('AttachLoadBalancerTargetGroups', added);
}

/** An entry without names stands for all metrics. */
async function collectMetrics(AutoScalingGroupName: string, properties: JsonObject, context: ResourceContext) {
  for (const entry of listOf(properties.MetricsCollection)) {
    const { Granularity, Metrics } = objectOf(entry);
    await context.call('autoscaling', 'EnableMetricsCollection', { AutoScalingGroupName, Granularity, Metrics });
  }
}

async function syncMetrics({ id, changed, previous, properties }: ResourceChange, context: ResourceContext) {
  if (!changed.has('MetricsCollection')) return;
  if (listOf(previous.MetricsCollection).length > 0)
    await context.call('autoscaling', 'DisableMetricsCollection', { AutoScalingGroupName: id });
  await collectMetrics(id, properties, context);
}

async function syncGroupTags({ id, changed, previous, properties }: ResourceChange, context: ResourceContext) {
  if (!changed.has('Tags')) return;
  const keys = (source: JsonObject) => listOf(source.Tags).map((tag) => asText(objectOf(tag).Key));
  const { removed } = difference(keys(previous), keys(properties));
  if (removed.length > 0) {
    await context.call('autoscaling', 'DeleteTags', {
      Tags: removed.map((Key) => ({ Key, ResourceId: id, ResourceType: 'auto-scaling-group' })),
    });
  }
  const now = tags(id, properties);
  if (now.length > 0) await context.call('autoscaling', 'CreateOrUpdateTags', { Tags: now });
}

async function described(id: string, { call }: Pick<ResourceContext, 'call'>) {
  const answer = await call<DescribeAutoScalingGroupsCommandOutput>('autoscaling', 'DescribeAutoScalingGroups', {
    AutoScalingGroupNames: [id],
  });
  return answer.AutoScalingGroups?.[0];
}
