/** AWS::ElasticLoadBalancingV2::TargetGroup. */

import type { CreateTargetGroupCommandOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Json } from '../json.ts';
import { canonical } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceType } from '../resource-type.ts';
import { listOf, textOf } from '../resource-type.ts';
import { syncBalancerTags } from './load-balancer.ts';
import { pick } from './pick.ts';
import { tagList } from './tags.ts';

const service = 'elasticloadbalancing';

const healthCheck = [
  'HealthCheckEnabled',
  'HealthCheckIntervalSeconds',
  'HealthCheckPath',
  'HealthCheckPort',
  'HealthCheckProtocol',
  'HealthCheckTimeoutSeconds',
  'HealthyThresholdCount',
  'Matcher',
  'UnhealthyThresholdCount',
];

export const targetGroup: ResourceType = {
  name: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  properties: {
    HealthCheckEnabled: 'update',
    HealthCheckIntervalSeconds: 'update',
    HealthCheckPath: 'update',
    HealthCheckPort: 'update',
    HealthCheckProtocol: 'update',
    HealthCheckTimeoutSeconds: 'update',
    HealthyThresholdCount: 'update',
    Matcher: 'update',
    Name: 'replace',
    Port: 'replace',
    Protocol: 'replace',
    ProtocolVersion: 'replace',
    Tags: 'update',
    TargetGroupAttributes: 'update',
    TargetType: 'replace',
    Targets: 'update',
    UnhealthyThresholdCount: 'update',
    VpcId: 'replace',
  },
  attributes: ['TargetGroupArn', 'TargetGroupFullName', 'TargetGroupName'],
  nameProperty: 'Name',
  tags: 'list',
  async create(properties, context) {
    const Name = textOf(properties.Name) ?? context.physicalName(32);
    const tags = tagList(properties.Tags);
    const answer = await context.call<CreateTargetGroupCommandOutput>(service, 'CreateTargetGroup', {
      ...pick(properties, [...healthCheck, 'Port', 'Protocol', 'ProtocolVersion', 'TargetType', 'VpcId']),
      Name,
      Tags: tags.length > 0 ? tags : undefined,
    });
    const id = answer.TargetGroups?.[0]?.TargetGroupArn ?? '';
    context.created(id);
    if (listOf(properties.TargetGroupAttributes).length > 0) {
      await context.call(service, 'ModifyTargetGroupAttributes', {
        TargetGroupArn: id,
        Attributes: properties.TargetGroupAttributes,
      });
    }
    if (listOf(properties.Targets).length > 0) {
      await context.call(service, 'RegisterTargets', { TargetGroupArn: id, Targets: properties.Targets });
    }
    const full = id.split(':').at(-1) ?? '';
    return { id, attributes: { TargetGroupArn: id, TargetGroupFullName: full, TargetGroupName: Name } };
  },
  async update(change, context) {
    const { id: TargetGroupArn, changed, previous, properties } = change;
    if (healthCheck.some((name) => changed.has(name))) {
      await context.call(service, 'ModifyTargetGroup', { TargetGroupArn, ...pick(properties, healthCheck) });
    }
    if (changed.has('TargetGroupAttributes')) {
      const Attributes = properties.TargetGroupAttributes ?? [];
      await context.call(service, 'ModifyTargetGroupAttributes', { TargetGroupArn, Attributes });
    }
    const added = without(properties.Targets, previous.Targets);
    const removed = without(previous.Targets, properties.Targets);
    if (removed.length > 0) await context.call(service, 'DeregisterTargets', { TargetGroupArn, Targets: removed });
    if (added.length > 0) await context.call(service, 'RegisterTargets', { TargetGroupArn, Targets: added });
    await syncBalancerTags(change, TargetGroupArn, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call(service, 'DeleteTargetGroup', { TargetGroupArn: id }));
  },
};

function without(list: Json | undefined, others: Json | undefined): Json[] {
  const known = new Set(listOf(others).map(canonical));
  return listOf(list).filter((item) => !known.has(canonical(item)));
}
