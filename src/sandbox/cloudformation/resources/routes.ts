/** AWS::EC2::RouteTable and Route. */

import type { CreateRouteTableCommandOutput } from '@aws-sdk/client-ec2';
import type { JsonObject } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';
import { syncEc2Tags, tagSpecifications } from './ec2-tags.ts';

export const routeTable: ResourceType = {
  name: 'AWS::EC2::RouteTable',
  properties: { Tags: 'update', VpcId: 'replace' },
  required: ['VpcId'],
  attributes: ['RouteTableId'],
  tags: 'list',
  async create(properties, context) {
    const answer = await context.call<CreateRouteTableCommandOutput>('ec2', 'CreateRouteTable', {
      VpcId: properties.VpcId,
      TagSpecifications: tagSpecifications('route-table', properties),
    });
    const id = answer.RouteTable?.RouteTableId ?? '';
    return { id, attributes: { RouteTableId: id } };
  },
  async update(change, context) {
    await syncEc2Tags(change, change.id, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('ec2', 'DeleteRouteTable', { RouteTableId: id }));
  },
};

export const route: ResourceType = {
  name: 'AWS::EC2::Route',
  properties: {
    DestinationCidrBlock: 'replace',
    GatewayId: 'update',
    NatGatewayId: 'update',
    RouteTableId: 'replace',
  },
  required: ['RouteTableId', 'DestinationCidrBlock'],
  attributes: ['CidrBlock'],
  async create(properties, context) {
    await context.call('ec2', 'CreateRoute', members(properties));
    const destination = textOf(properties.DestinationCidrBlock) ?? '';
    return { id: `${textOf(properties.RouteTableId)}|${destination}`, attributes: { CidrBlock: destination } };
  },
  async update({ properties }, context) {
    await context.call('ec2', 'ReplaceRoute', members(properties));
    return undefined;
  },
  async delete({ properties: { RouteTableId, DestinationCidrBlock } }, context) {
    await unlessGone(context.call('ec2', 'DeleteRoute', { RouteTableId, DestinationCidrBlock }));
  },
};

const members = ({ DestinationCidrBlock, GatewayId, NatGatewayId, RouteTableId }: JsonObject) => ({
  DestinationCidrBlock,
  GatewayId,
  NatGatewayId,
  RouteTableId,
});
