/** AWS::GlobalAccelerator::Accelerator, Listener and EndpointGroup: in a stack of any Region, asked of the one where its control plane is. */

import type {
  CreateAcceleratorCommandOutput,
  CreateEndpointGroupCommandOutput,
  CreateListenerCommandOutput,
  DescribeAcceleratorCommandOutput,
} from '@aws-sdk/client-global-accelerator';
import { codeOf } from '../../contract.ts';
import { isGone, unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';
import { pick } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

const service = 'globalaccelerator';

export const accelerator: ResourceType = {
  name: 'AWS::GlobalAccelerator::Accelerator',
  properties: { Enabled: 'update', IpAddressType: 'update', Name: 'update', Tags: 'update' },
  required: ['Name'],
  attributes: ['AcceleratorArn', 'DnsName', 'Ipv4Addresses'],
  tags: 'list',
  async create(properties, context) {
    const tags = tagList(properties.Tags);
    const { Accelerator } = await context.call<CreateAcceleratorCommandOutput>(service, 'CreateAccelerator', {
      ...pick(properties, ['Enabled', 'IpAddressType', 'Name']),
      IdempotencyToken: context.physicalName(64),
      Tags: tags.length > 0 ? tags : undefined,
    });
    const id = Accelerator?.AcceleratorArn ?? '';
    context.created(id, {
      AcceleratorArn: id,
      DnsName: Accelerator?.DnsName ?? '',
      Ipv4Addresses: Accelerator?.IpSets?.[0]?.IpAddresses ?? [],
    });
    await deployed(id, context);
    return { id };
  },
  async update(change, context) {
    const { changed, id, properties } = change;
    if (['Enabled', 'IpAddressType', 'Name'].some((name) => changed.has(name))) {
      const Enabled = properties.Enabled ?? true;
      const rest = pick(properties, ['IpAddressType', 'Name']);
      await context.call(service, 'UpdateAccelerator', { AcceleratorArn: id, Enabled, ...rest });
      await deployed(id, context);
    }
    await syncTags(change, {
      add: (Tags) => context.call(service, 'TagResource', { ResourceArn: id, Tags }),
      remove: (TagKeys) => context.call(service, 'UntagResource', { ResourceArn: id, TagKeys }),
    });
    return undefined;
  },
  async delete({ id }, context) {
    try {
      await context.call(service, 'UpdateAccelerator', { AcceleratorArn: id, Enabled: false });
      await deployed(id, context);
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
    await whenAtRest(id, context, () => unlessGone(context.call(service, 'DeleteAccelerator', { AcceleratorArn: id })));
  },
};

export const acceleratorListener: ResourceType = {
  name: 'AWS::GlobalAccelerator::Listener',
  properties: { AcceleratorArn: 'replace', ClientAffinity: 'update', PortRanges: 'update', Protocol: 'update' },
  required: ['AcceleratorArn', 'PortRanges', 'Protocol'],
  attributes: ['ListenerArn'],
  async create(properties, context) {
    const { Listener } = await context.call<CreateListenerCommandOutput>(service, 'CreateListener', {
      ...pick(properties, ['AcceleratorArn', 'ClientAffinity', 'PortRanges', 'Protocol']),
      IdempotencyToken: context.physicalName(64),
    });
    const id = Listener?.ListenerArn ?? '';
    context.created(id, { ListenerArn: id });
    await deployed(acceleratorIn(id), context);
    return { id };
  },
  async update({ id, properties }, context) {
    const ClientAffinity = properties.ClientAffinity ?? 'NONE';
    const rest = pick(properties, ['PortRanges', 'Protocol']);
    await context.call(service, 'UpdateListener', { ListenerArn: id, ClientAffinity, ...rest });
    await deployed(acceleratorIn(id), context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call(service, 'DeleteListener', { ListenerArn: id }));
    await deployed(acceleratorIn(id), context);
  },
};

const groupSettings = [
  'EndpointConfigurations',
  'HealthCheckIntervalSeconds',
  'HealthCheckPath',
  'HealthCheckPort',
  'HealthCheckProtocol',
  'PortOverrides',
  'ThresholdCount',
  'TrafficDialPercentage',
];

export const endpointGroup: ResourceType = {
  name: 'AWS::GlobalAccelerator::EndpointGroup',
  properties: {
    ...Object.fromEntries(groupSettings.map((name) => [name, 'update' as const])),
    EndpointGroupRegion: 'replace',
    ListenerArn: 'replace',
  },
  required: ['EndpointGroupRegion', 'ListenerArn'],
  attributes: ['EndpointGroupArn'],
  async create(properties, context) {
    const { EndpointGroup } = await context.call<CreateEndpointGroupCommandOutput>(service, 'CreateEndpointGroup', {
      ...pick(properties, ['EndpointGroupRegion', 'ListenerArn', ...groupSettings]),
      IdempotencyToken: context.physicalName(64),
    });
    const id = EndpointGroup?.EndpointGroupArn ?? '';
    context.created(id, { EndpointGroupArn: id });
    await deployed(acceleratorIn(id), context);
    return { id };
  },
  async update({ id, properties }, context) {
    // The dial is sent with every update, 100 where the template doesn't speak of it: so an update undoes a dial that was turned by hand.
    // Source: aws-cloudformation-resource-providers-globalaccelerator, the endpoint group's UpdateHandler.
    const TrafficDialPercentage = properties.TrafficDialPercentage ?? 100;
    const settings = { ...pick(properties, groupSettings), TrafficDialPercentage };
    await context.call(service, 'UpdateEndpointGroup', { EndpointGroupArn: id, ...settings });
    await deployed(acceleratorIn(id), context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call(service, 'DeleteEndpointGroup', { EndpointGroupArn: id }));
    await deployed(acceleratorIn(id), context);
  },
};

const acceleratorIn = (arn: string): string => textOf(arn.split('/listener/')[0]) ?? '';

/** Waits until what was changed is in force; also when the accelerator is gone. */
async function deployed(AcceleratorArn: string, context: ResourceContext): Promise<void> {
  await context.until(`accelerator ${AcceleratorArn}`, async () => {
    try {
      const { Accelerator } = await context.call<DescribeAcceleratorCommandOutput>(service, 'DescribeAccelerator', {
        AcceleratorArn,
      });
      return Accelerator?.Status === 'DEPLOYED';
    } catch (error) {
      if (isGone(error)) return true;
      throw error;
    }
  });
}

/** Another resource of the accelerator may be changing it. */
async function whenAtRest(id: string, context: ResourceContext, change: () => Promise<unknown>): Promise<void> {
  await context.until(`accelerator ${id} to be at rest`, async () => {
    try {
      await change();
      return true;
    } catch (error) {
      if (codeOf(error) !== 'TransactionInProgressException') throw error;
      return false;
    }
  });
}
