/** VPCs: created with their default security group and main route table. */

import type {
  CreateVpcCommandInput,
  CreateVpcCommandOutput,
  DeleteVpcCommandInput,
  DescribeVpcAttributeCommandInput,
  DescribeVpcAttributeCommandOutput,
  DescribeVpcsCommandInput,
  DescribeVpcsCommandOutput,
  ModifyVpcAttributeCommandInput,
  Vpc,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { askNew, askOn } from './asks.ts';
import { canonical, parseBlock } from './cidr.ts';
import { dependencyViolation, invalidParameter, notFound, required } from './errors.ts';
import { matching } from './filters.ts';
import { page } from './pages.ts';
import type { VpcRow } from './rows.ts';
import { ec2Tables, newId } from './rows.ts';
import { allowAllOut } from './security-group-rules.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, specified, tagList, tagNew, tagsOf } from './tags.ts';

export function vpcOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    CreateVpc: strictOperation<CreateVpcCommandInput, Answer<CreateVpcCommandOutput>>({
      name: 'CreateVpc',
      members: ['CidrBlock', 'InstanceTenancy', 'TagSpecifications'],
      authorize: (input, call) => askNew(call, 'CreateVpc', 'vpc', input.TagSpecifications),
      handle(input, call) {
        checkSpecifications(input.TagSpecifications, ['vpc']);
        const row = createVpc(core, call.region, {
          cidr: required(input.CidrBlock, 'cidrBlock'),
          tenancy: input.InstanceTenancy,
        });
        tagNew(core, call.region, row.id, specified(input.TagSpecifications, 'vpc'));
        return { Vpc: describe(core, call.region, row) };
      },
    }),
    DescribeVpcs: strictOperation<DescribeVpcsCommandInput, Answer<DescribeVpcsCommandOutput>>({
      name: 'DescribeVpcs',
      members: ['Filters', 'VpcIds', 'NextToken', 'MaxResults'],
      handle(input, call) {
        const all =
          input.VpcIds?.map((id) => vpcOf(core, call.region, id)) ?? ec2Tables(core, call.region).vpcs.values();
        const rows = matching(
          all,
          input.Filters,
          {
            'vpc-id': (row) => row.id,
            cidr: (row) => row.cidr,
            'cidr-block-association.cidr-block': (row) => row.cidr,
            state: () => 'available',
            'is-default': () => 'false',
            isDefault: () => 'false',
            'owner-id': () => core.account,
          },
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { Vpcs: cut.rows.map((row) => describe(core, call.region, row)), NextToken: cut.nextToken };
      },
    }),
    ModifyVpcAttribute: strictOperation<ModifyVpcAttributeCommandInput, object>({
      name: 'ModifyVpcAttribute',
      members: ['VpcId', 'EnableDnsHostnames', 'EnableDnsSupport'],
      authorize: (input, call) => [askOn(core, call, 'ModifyVpcAttribute', 'vpc', input.VpcId)],
      handle(input, call) {
        const { id } = vpcOf(core, call.region, required(input.VpcId, 'vpcId'));
        ec2Tables(core, call.region).vpcs.update(id, (row) => ({
          ...row,
          dnsSupport: input.EnableDnsSupport?.Value ?? row.dnsSupport,
          dnsHostnames: input.EnableDnsHostnames?.Value ?? row.dnsHostnames,
        }));
        return {};
      },
    }),
    DescribeVpcAttribute: strictOperation<DescribeVpcAttributeCommandInput, Answer<DescribeVpcAttributeCommandOutput>>({
      name: 'DescribeVpcAttribute',
      members: ['VpcId', 'Attribute'],
      handle(input, call) {
        const row = vpcOf(core, call.region, required(input.VpcId, 'vpcId'));
        if (input.Attribute === 'enableDnsSupport')
          return { VpcId: row.id, EnableDnsSupport: { Value: row.dnsSupport } };
        if (input.Attribute === 'enableDnsHostnames') {
          return { VpcId: row.id, EnableDnsHostnames: { Value: row.dnsHostnames } };
        }
        throw invalidParameter(
          `Value (${input.Attribute}) for parameter attribute is invalid. Allowed: enableDnsSupport, enableDnsHostnames.`,
        );
      },
    }),
    DeleteVpc: strictOperation<DeleteVpcCommandInput, object>({
      name: 'DeleteVpc',
      members: ['VpcId'],
      authorize: (input, call) => [askOn(core, call, 'DeleteVpc', 'vpc', input.VpcId)],
      handle(input, call) {
        deleteVpc(core, call.region, vpcOf(core, call.region, required(input.VpcId, 'vpcId')));
        return {};
      },
    }),
  };
}

export function vpcOf(core: SandboxCore, region: string, id: string): VpcRow {
  const row = ec2Tables(core, region).vpcs.get(id);
  if (row === undefined) throw notFound('InvalidVpcID.NotFound', 'vpc ID', id);
  return row;
}

export function createVpc(
  core: SandboxCore,
  region: string,
  {
    cidr,
    tenancy = 'default',
    id = newId(core, 'vpc'),
  }: { readonly cidr: string; readonly tenancy?: string | undefined; readonly id?: string },
): VpcRow {
  const block = parseBlock(cidr);
  if (block === undefined) {
    throw invalidParameter(`Value (${cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`);
  }
  if (block.bits < 16 || block.bits > 28) throw new AwsError('InvalidVpc.Range', `The CIDR '${cidr}' is invalid.`);
  const tables = ec2Tables(core, region);
  const mainRouteTableId = newId(core, 'rtb');
  tables.routeTables.put(mainRouteTableId, {
    id: mainRouteTableId,
    vpcId: id,
    routes: [{ destination: canonical(block), target: 'local', origin: 'CreateRouteTable' }],
    associations: [{ id: newId(core, 'rtbassoc') }],
  });
  const groupId = newId(core, 'sg');
  const everyone = { protocol: '-1', fromPort: -1, toPort: -1 };
  tables.securityGroups.put(groupId, {
    id: groupId,
    name: 'default',
    description: 'default VPC security group',
    vpcId: id,
    rules: [{ id: newId(core, 'sgr'), egress: false, ...everyone, groupId }, allowAllOut(core)],
  });
  return tables.vpcs.put(id, {
    id,
    cidr: canonical(block),
    cidrAssociationId: newId(core, 'vpc-cidr-assoc'),
    tenancy,
    dnsSupport: true,
    dnsHostnames: false,
    mainRouteTableId,
    defaultGroupId: groupId,
    networkAclId: newId(core, 'acl'),
  });
}

/** A VPC goes once nothing is left in it but what came with it. */
function deleteVpc(core: SandboxCore, region: string, vpc: VpcRow): void {
  const tables = ec2Tables(core, region);
  const inside = (row: { readonly vpcId?: string }): boolean => row.vpcId === vpc.id;
  const occupied =
    tables.subnets.values().some(inside) ||
    tables.internetGateways.values().some(inside) ||
    tables.endpoints.values().some(inside) ||
    tables.interfaces.values().some(inside) ||
    tables.routeTables.values().some((row) => inside(row) && row.id !== vpc.mainRouteTableId) ||
    tables.securityGroups.values().some((row) => inside(row) && row.id !== vpc.defaultGroupId);
  if (occupied) throw dependencyViolation('vpc', vpc.id);
  tables.routeTables.delete(vpc.mainRouteTableId);
  tables.securityGroups.delete(vpc.defaultGroupId);
  tables.vpcs.delete(vpc.id);
  tables.tags.delete(vpc.id);
}

function describe(core: SandboxCore, region: string, row: VpcRow): Vpc {
  return {
    VpcId: row.id,
    OwnerId: core.account,
    CidrBlock: row.cidr,
    CidrBlockAssociationSet: [
      { AssociationId: row.cidrAssociationId, CidrBlock: row.cidr, CidrBlockState: { State: 'associated' } },
    ],
    DhcpOptionsId: 'default',
    InstanceTenancy: row.tenancy as 'default',
    IsDefault: false,
    State: 'available',
    Tags: tagList(tagsOf(core, region, row.id)),
  };
}
