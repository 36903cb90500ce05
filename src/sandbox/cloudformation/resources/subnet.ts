/** AWS::EC2::Subnet and SubnetRouteTableAssociation. */

import type {
  AssociateRouteTableCommandOutput,
  CreateSubnetCommandOutput,
  ReplaceRouteTableAssociationCommandOutput,
} from '@aws-sdk/client-ec2';
import { unlessGone } from '../resource-context.ts';
import type { ResourceType } from '../resource-type.ts';
import { flagOf, textOf } from '../resource-type.ts';
import { syncEc2Tags, tagSpecifications } from './ec2-tags.ts';

export const subnet: ResourceType = {
  name: 'AWS::EC2::Subnet',
  properties: {
    AvailabilityZone: 'replace',
    CidrBlock: 'replace',
    MapPublicIpOnLaunch: 'update',
    Tags: 'update',
    VpcId: 'replace',
  },
  required: ['VpcId', 'CidrBlock'],
  attributes: ['SubnetId', 'AvailabilityZone', 'CidrBlock', 'VpcId'],
  tags: 'list',
  async create(properties, context) {
    const { AvailabilityZone, CidrBlock, VpcId } = properties;
    const answer = await context.call<CreateSubnetCommandOutput>('ec2', 'CreateSubnet', {
      AvailabilityZone,
      CidrBlock,
      VpcId,
      TagSpecifications: tagSpecifications('subnet', properties),
    });
    const id = answer.Subnet?.SubnetId ?? '';
    context.created(id);
    if (flagOf(properties.MapPublicIpOnLaunch)) {
      await context.call('ec2', 'ModifySubnetAttribute', { SubnetId: id, MapPublicIpOnLaunch: { Value: true } });
    }
    return {
      id,
      attributes: {
        SubnetId: id,
        AvailabilityZone: answer.Subnet?.AvailabilityZone ?? '',
        CidrBlock: textOf(CidrBlock) ?? '',
        VpcId: textOf(VpcId) ?? '',
      },
    };
  },
  async update(change, context) {
    if (change.changed.has('MapPublicIpOnLaunch')) {
      await context.call('ec2', 'ModifySubnetAttribute', {
        SubnetId: change.id,
        MapPublicIpOnLaunch: { Value: flagOf(change.properties.MapPublicIpOnLaunch) },
      });
    }
    await syncEc2Tags(change, change.id, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('ec2', 'DeleteSubnet', { SubnetId: id }));
  },
};

export const subnetRouteTableAssociation: ResourceType = {
  name: 'AWS::EC2::SubnetRouteTableAssociation',
  properties: { RouteTableId: 'update', SubnetId: 'replace' },
  required: ['RouteTableId', 'SubnetId'],
  attributes: ['Id'],
  async create({ RouteTableId, SubnetId }, context) {
    const answer = await context.call<AssociateRouteTableCommandOutput>('ec2', 'AssociateRouteTable', {
      RouteTableId,
      SubnetId,
    });
    const id = answer.AssociationId ?? '';
    return { id, attributes: { Id: id } };
  },
  async update({ id: AssociationId, properties: { RouteTableId } }, context) {
    const answer = await context.call<ReplaceRouteTableAssociationCommandOutput>(
      'ec2',
      'ReplaceRouteTableAssociation',
      { AssociationId, RouteTableId },
    );
    const id = answer.NewAssociationId ?? AssociationId;
    return { id, attributes: { Id: id } };
  },
  async delete({ id }, context) {
    await unlessGone(context.call('ec2', 'DisassociateRouteTable', { AssociationId: id }));
  },
};
