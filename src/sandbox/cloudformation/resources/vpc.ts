/** AWS::EC2::VPC, InternetGateway and VPCGatewayAttachment. */

import type {
  CreateInternetGatewayCommandOutput,
  CreateVpcCommandOutput,
  DescribeSecurityGroupsCommandOutput,
  DescribeVpcsCommandOutput,
} from '@aws-sdk/client-ec2';
import type { JsonObject } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { flagOf, textOf } from '../resource-type.ts';
import { syncEc2Tags, tagSpecifications } from './ec2-tags.ts';

export const vpc: ResourceType = {
  name: 'AWS::EC2::VPC',
  properties: {
    CidrBlock: 'replace',
    EnableDnsHostnames: 'update',
    EnableDnsSupport: 'update',
    InstanceTenancy: 'replace',
    Tags: 'update',
  },
  required: ['CidrBlock'],
  attributes: ['VpcId', 'CidrBlock', 'DefaultSecurityGroup'],
  tags: 'list',
  async create(properties, context) {
    const tenancy = textOf(properties.InstanceTenancy);
    const answer = await context.call<CreateVpcCommandOutput>('ec2', 'CreateVpc', {
      CidrBlock: properties.CidrBlock,
      InstanceTenancy: tenancy === 'default' ? undefined : tenancy,
      TagSpecifications: tagSpecifications('vpc', properties),
    });
    const id = answer.Vpc?.VpcId ?? '';
    context.created(id);
    await context.until(`VPC ${id}`, async () => {
      const { Vpcs } = await context.call<DescribeVpcsCommandOutput>('ec2', 'DescribeVpcs', { VpcIds: [id] });
      return Vpcs?.[0]?.State === 'available';
    });
    await setDnsAttributes(id, {}, properties, context);
    const groups = await context.call<DescribeSecurityGroupsCommandOutput>('ec2', 'DescribeSecurityGroups', {
      Filters: [
        { Name: 'vpc-id', Values: [id] },
        { Name: 'group-name', Values: ['default'] },
      ],
    });
    return {
      id,
      attributes: {
        VpcId: id,
        CidrBlock: textOf(properties.CidrBlock) ?? '',
        DefaultSecurityGroup: groups.SecurityGroups?.[0]?.GroupId ?? '',
      },
    };
  },
  async update(change, context) {
    await setDnsAttributes(change.id, change.previous, change.properties, context);
    await syncEc2Tags(change, change.id, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('ec2', 'DeleteVpc', { VpcId: id }));
  },
};

export const internetGateway: ResourceType = {
  name: 'AWS::EC2::InternetGateway',
  properties: { Tags: 'update' },
  attributes: ['InternetGatewayId'],
  tags: 'list',
  async create(properties, context) {
    const answer = await context.call<CreateInternetGatewayCommandOutput>('ec2', 'CreateInternetGateway', {
      TagSpecifications: tagSpecifications('internet-gateway', properties),
    });
    const id = answer.InternetGateway?.InternetGatewayId ?? '';
    return { id, attributes: { InternetGatewayId: id } };
  },
  async update(change, context) {
    await syncEc2Tags(change, change.id, context);
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('ec2', 'DeleteInternetGateway', { InternetGatewayId: id }));
  },
};

export const vpcGatewayAttachment: ResourceType = {
  name: 'AWS::EC2::VPCGatewayAttachment',
  properties: { InternetGatewayId: 'update', VpcId: 'replace' },
  required: ['InternetGatewayId', 'VpcId'],
  attributes: ['AttachmentType'],
  async create(properties, context) {
    await context.call('ec2', 'AttachInternetGateway', attachment(properties));
    return { id: `IGW|${textOf(properties.VpcId)}`, attributes: { AttachmentType: 'IGW' } };
  },
  async update({ previous, properties }, context) {
    await unlessGone(context.call('ec2', 'DetachInternetGateway', attachment(previous)));
    await context.call('ec2', 'AttachInternetGateway', attachment(properties));
    return undefined;
  },
  async delete({ properties }, context) {
    await unlessGone(context.call('ec2', 'DetachInternetGateway', attachment(properties)));
  },
};

const attachment = ({ InternetGatewayId, VpcId }: JsonObject) => ({ InternetGatewayId, VpcId });

/** DNS support is on unless declared off; DNS host names are off unless declared on. One attribute per call. */
async function setDnsAttributes(
  VpcId: string,
  before: JsonObject,
  now: JsonObject,
  { call }: ResourceContext,
): Promise<void> {
  const dnsSupport = ({ EnableDnsSupport: value }: JsonObject) => value === undefined || flagOf(value);
  if (dnsSupport(before) !== dnsSupport(now)) {
    await call('ec2', 'ModifyVpcAttribute', { VpcId, EnableDnsSupport: { Value: dnsSupport(now) } });
  }
  if (flagOf(before.EnableDnsHostnames) !== flagOf(now.EnableDnsHostnames)) {
    await call('ec2', 'ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: flagOf(now.EnableDnsHostnames) } });
  }
}
