/** AWS::ElasticLoadBalancingV2::LoadBalancer. */

import type {
  CreateLoadBalancerCommandOutput,
  DescribeLoadBalancersCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../contract.ts';
import { isGone, unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, textOf } from '../resource-type.ts';
import { pick } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

const service = 'elasticloadbalancing';

export const loadBalancer: ResourceType = {
  name: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  properties: {
    IpAddressType: 'update',
    LoadBalancerAttributes: 'update',
    Name: 'replace',
    Scheme: 'replace',
    SecurityGroups: 'update',
    Subnets: 'update',
    Tags: 'update',
    Type: 'replace',
  },
  attributes: [
    'CanonicalHostedZoneID',
    'DNSName',
    'LoadBalancerArn',
    'LoadBalancerFullName',
    'LoadBalancerName',
    'SecurityGroups',
  ],
  nameProperty: 'Name',
  tags: 'list',
  async create(properties, context) {
    const Name = textOf(properties.Name) ?? context.physicalName(32);
    const tags = tagList(properties.Tags);
    const answer = await context.call<CreateLoadBalancerCommandOutput>(service, 'CreateLoadBalancer', {
      ...pick(properties, ['IpAddressType', 'Scheme', 'SecurityGroups', 'Subnets', 'Type']),
      Name,
      Tags: tags.length > 0 ? tags : undefined,
    });
    const created = answer.LoadBalancers?.[0];
    const id = created?.LoadBalancerArn ?? '';
    context.created(id, {
      CanonicalHostedZoneID: created?.CanonicalHostedZoneId ?? '',
      DNSName: created?.DNSName ?? '',
      LoadBalancerArn: id,
      LoadBalancerFullName: id.split(':loadbalancer/')[1] ?? '',
      LoadBalancerName: Name,
      SecurityGroups: created?.SecurityGroups ?? [],
    });
    await active(id, context);
    if (listOf(properties.LoadBalancerAttributes).length > 0) {
      await context.call(service, 'ModifyLoadBalancerAttributes', {
        LoadBalancerArn: id,
        Attributes: properties.LoadBalancerAttributes,
      });
    }
    return { id };
  },
  async update(change, context) {
    const { id: LoadBalancerArn, changed, properties } = change;
    if (changed.has('Subnets')) {
      await context.call(service, 'SetSubnets', { LoadBalancerArn, Subnets: properties.Subnets });
    }
    if (changed.has('SecurityGroups')) {
      const SecurityGroups = properties.SecurityGroups ?? [];
      await context.call(service, 'SetSecurityGroups', { LoadBalancerArn, SecurityGroups });
    }
    if (changed.has('IpAddressType')) {
      const IpAddressType = properties.IpAddressType ?? 'ipv4';
      await context.call(service, 'SetIpAddressType', { LoadBalancerArn, IpAddressType });
    }
    if (changed.has('LoadBalancerAttributes')) {
      const Attributes = properties.LoadBalancerAttributes ?? [];
      await context.call(service, 'ModifyLoadBalancerAttributes', { LoadBalancerArn, Attributes });
    }
    await syncBalancerTags(change, LoadBalancerArn, context);
    await active(LoadBalancerArn, context);
    return changed.has('SecurityGroups')
      ? { attributes: { SecurityGroups: listOf(properties.SecurityGroups) } }
      : undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call(service, 'DeleteLoadBalancer', { LoadBalancerArn: id }));
    await context.until(`deletion of load balancer ${id}`, async () => (await stateOf(id, context)) === undefined);
  },
};

export const syncBalancerTags = (
  change: Parameters<typeof syncTags>[0],
  arn: string,
  context: ResourceContext,
): Promise<void> =>
  syncTags(change, {
    add: (Tags) => context.call(service, 'AddTags', { ResourceArns: [arn], Tags }),
    remove: (TagKeys) => context.call(service, 'RemoveTags', { ResourceArns: [arn], TagKeys }),
  });

async function active(id: string, context: ResourceContext): Promise<void> {
  await context.until(`load balancer ${id}`, async () => {
    const state = await stateOf(id, context);
    if (state === 'failed') throw new AwsError('NotStabilized', `Load balancer ${id} failed`);
    return state === 'active';
  });
}

async function stateOf(id: string, { call }: ResourceContext): Promise<string | undefined> {
  try {
    const answer = await call<DescribeLoadBalancersCommandOutput>(service, 'DescribeLoadBalancers', {
      LoadBalancerArns: [id],
    });
    return answer.LoadBalancers?.[0]?.State?.Code;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
