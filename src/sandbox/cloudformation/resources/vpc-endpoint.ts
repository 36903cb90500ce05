/** AWS::EC2::VPCEndpoint. */

import type { CreateVpcEndpointCommandOutput, DescribeVpcEndpointsCommandOutput } from '@aws-sdk/client-ec2';
import type { JsonObject } from '../json.ts';
import { isGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf } from '../resource-type.ts';
import { syncEc2Tags, tagSpecifications } from './ec2-tags.ts';
import { difference, pick } from './pick.ts';

const lists = ['RouteTableIds', 'SecurityGroupIds', 'SubnetIds'] as const;

export const vpcEndpoint: ResourceType = {
  name: 'AWS::EC2::VPCEndpoint',
  properties: {
    PolicyDocument: 'update',
    PrivateDnsEnabled: 'update',
    RouteTableIds: 'update',
    SecurityGroupIds: 'update',
    ServiceName: 'replace',
    SubnetIds: 'update',
    Tags: 'update',
    VpcEndpointType: 'replace',
    VpcId: 'replace',
  },
  required: ['ServiceName', 'VpcId'],
  attributes: ['Id'],
  tags: 'list',
  async create(properties, context) {
    const names = ['PolicyDocument', 'PrivateDnsEnabled', 'ServiceName', 'VpcEndpointType', 'VpcId', ...lists];
    const answer = await context.call<CreateVpcEndpointCommandOutput>('ec2', 'CreateVpcEndpoint', {
      ...pick(properties, names),
      TagSpecifications: tagSpecifications('vpc-endpoint', properties),
    });
    const id = answer.VpcEndpoint?.VpcEndpointId ?? '';
    context.created(id);
    await context.until(`endpoint ${id}`, async () => (await stateOf(id, context)) === 'available');
    return { id, attributes: { Id: id } };
  },
  async update(change, context) {
    const { id, changed, previous, properties } = change;
    const changedLists = lists.filter((name) => changed.has(name));
    if (changedLists.length > 0 || changed.has('PolicyDocument') || changed.has('PrivateDnsEnabled')) {
      const policy = changed.has('PolicyDocument') ? pick(properties, ['PolicyDocument']) : {};
      await context.call('ec2', 'ModifyVpcEndpoint', {
        VpcEndpointId: id,
        ...policy,
        ...(changed.has('PolicyDocument') && properties.PolicyDocument === undefined ? { ResetPolicy: true } : {}),
        ...(changed.has('PrivateDnsEnabled') ? pick(properties, ['PrivateDnsEnabled']) : {}),
        ...Object.assign({}, ...changedLists.map((name) => addAndRemove(name, previous, properties))),
      });
    }
    await syncEc2Tags(change, id, context);
    return undefined;
  },
  async delete({ id }, context) {
    await context.call('ec2', 'DeleteVpcEndpoints', { VpcEndpointIds: [id] });
    // Its network interfaces hold the subnets and groups until it is gone.
    await context.until(`deletion of endpoint ${id}`, async () => {
      const state = await stateOf(id, context);
      return state === undefined || state === 'deleted';
    });
  },
};

function addAndRemove(name: (typeof lists)[number], previous: JsonObject, properties: JsonObject): object {
  const strings = (source: JsonObject) => listOf(source[name]).map(String);
  const { added, removed } = difference(strings(previous), strings(properties));
  return {
    ...(added.length > 0 ? { [`Add${name}`]: added } : {}),
    ...(removed.length > 0 ? { [`Remove${name}`]: removed } : {}),
  };
}

async function stateOf(id: string, { call }: ResourceContext): Promise<string | undefined> {
  try {
    const answer = await call<DescribeVpcEndpointsCommandOutput>('ec2', 'DescribeVpcEndpoints', {
      VpcEndpointIds: [id],
    });
    return answer.VpcEndpoints?.[0]?.State?.toLowerCase();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
