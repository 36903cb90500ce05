/** AWS::ElasticLoadBalancingV2::Listener and ListenerRule. */

import type { CreateListenerCommandOutput, CreateRuleCommandOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { unlessGone } from '../resource-context.ts';
import type { ResourceType } from '../resource-type.ts';
import { syncBalancerTags } from './load-balancer.ts';
import { pick } from './pick.ts';
import { tagList } from './tags.ts';

const service = 'elasticloadbalancing';

export const listener: ResourceType = {
  name: 'AWS::ElasticLoadBalancingV2::Listener',
  properties: {
    Certificates: 'update',
    DefaultActions: 'update',
    LoadBalancerArn: 'replace',
    Port: 'update',
    Protocol: 'update',
    SslPolicy: 'update',
    Tags: 'update',
  },
  required: ['DefaultActions', 'LoadBalancerArn'],
  attributes: ['ListenerArn'],
  tags: 'list',
  async create(properties, context) {
    const tags = tagList(properties.Tags);
    const answer = await context.call<CreateListenerCommandOutput>(service, 'CreateListener', {
      ...pick(properties, ['Certificates', 'DefaultActions', 'LoadBalancerArn', 'Port', 'Protocol', 'SslPolicy']),
      Tags: tags.length > 0 ? tags : undefined,
    });
    const id = answer.Listeners?.[0]?.ListenerArn ?? '';
    return { id, attributes: { ListenerArn: id } };
  },
  async update(change, context) {
    const { id, properties } = change;
    await context.call(service, 'ModifyListener', {
      ListenerArn: id,
      ...pick(properties, ['Certificates', 'DefaultActions', 'Port', 'Protocol', 'SslPolicy']),
    });
    await syncBalancerTags(change, id, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call(service, 'DeleteListener', { ListenerArn: id }));
  },
};

export const listenerRule: ResourceType = {
  name: 'AWS::ElasticLoadBalancingV2::ListenerRule',
  properties: {
    Actions: 'update',
    Conditions: 'update',
    ListenerArn: 'replace',
    Priority: 'update',
    Tags: 'update',
  },
  required: ['Actions', 'Conditions', 'ListenerArn', 'Priority'],
  attributes: ['RuleArn'],
  tags: 'list',
  async create(properties, context) {
    const tags = tagList(properties.Tags);
    const answer = await context.call<CreateRuleCommandOutput>(service, 'CreateRule', {
      ...pick(properties, ['Actions', 'Conditions', 'ListenerArn', 'Priority']),
      Tags: tags.length > 0 ? tags : undefined,
    });
    const id = answer.Rules?.[0]?.RuleArn ?? '';
    return { id, attributes: { RuleArn: id } };
  },
  async update(change, context) {
    const { id: RuleArn, changed, properties } = change;
    const { Actions, Conditions, Priority } = properties;
    if (changed.has('Actions') || changed.has('Conditions')) {
      await context.call(service, 'ModifyRule', { RuleArn, Actions, Conditions });
    }
    if (changed.has('Priority')) {
      await context.call(service, 'SetRulePriorities', { RulePriorities: [{ RuleArn, Priority }] });
    }
    await syncBalancerTags(change, RuleArn, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call(service, 'DeleteRule', { RuleArn: id }));
  },
};
