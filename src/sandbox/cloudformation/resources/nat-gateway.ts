/** AWS::EC2::EIP and NatGateway. */

import type {
  AllocateAddressCommandOutput,
  CreateNatGatewayCommandOutput,
  DescribeNatGatewaysCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../contract.ts';
import { asText } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { syncEc2Tags, tagSpecifications } from './ec2-tags.ts';

export const elasticIp: ResourceType = {
  name: 'AWS::EC2::EIP',
  properties: { Domain: 'replace', Tags: 'update' },
  attributes: ['AllocationId', 'PublicIp'],
  tags: 'list',
  async create(properties, context) {
    const answer = await context.call<AllocateAddressCommandOutput>('ec2', 'AllocateAddress', {
      Domain: properties.Domain,
      TagSpecifications: tagSpecifications('elastic-ip', properties),
    });
    const { AllocationId = '', PublicIp = '' } = answer;
    return { id: PublicIp, attributes: { AllocationId, PublicIp } };
  },
  async update(change, context) {
    await syncEc2Tags(change, asText(change.attributes.AllocationId), context);
    return undefined;
  },
  async delete({ attributes: { AllocationId } }, context) {
    await unlessGone(context.call('ec2', 'ReleaseAddress', { AllocationId }));
  },
};

export const natGateway: ResourceType = {
  name: 'AWS::EC2::NatGateway',
  properties: { AllocationId: 'replace', ConnectivityType: 'replace', SubnetId: 'replace', Tags: 'update' },
  required: ['SubnetId'],
  attributes: ['NatGatewayId'],
  tags: 'list',
  async create(properties, context) {
    const { AllocationId, ConnectivityType, SubnetId } = properties;
    const answer = await context.call<CreateNatGatewayCommandOutput>('ec2', 'CreateNatGateway', {
      AllocationId,
      ConnectivityType,
      SubnetId,
      TagSpecifications: tagSpecifications('natgateway', properties),
    });
    const id = answer.NatGateway?.NatGatewayId ?? '';
    context.created(id);
    await context.until(`NAT gateway ${id}`, async () => {
      const state = await stateOf(id, context);
      if (state === 'failed') throw new AwsError('NotStabilized', `NAT gateway ${id} failed`);
      return state === 'available';
    });
    return { id, attributes: { NatGatewayId: id } };
  },
  async update(change, context) {
    await syncEc2Tags(change, change.id, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('ec2', 'DeleteNatGateway', { NatGatewayId: id }));
    // Its address and subnet are free only once it is gone.
    await context.until(`deletion of NAT gateway ${id}`, async () => {
      const state = await stateOf(id, context).catch(() => 'deleted');
      return state === undefined || state === 'deleted';
    });
  },
};

async function stateOf(id: string, { call }: ResourceContext): Promise<string | undefined> {
  const answer = await call<DescribeNatGatewaysCommandOutput>('ec2', 'DescribeNatGateways', { NatGatewayIds: [id] });
  return answer.NatGateways?.[0]?.State;
}
