/** Internet gateways, and their attachment to a VPC. */

import type {
  AttachInternetGatewayCommandInput,
  CreateInternetGatewayCommandInput,
  CreateInternetGatewayCommandOutput,
  DeleteInternetGatewayCommandInput,
  DescribeInternetGatewaysCommandInput,
  DescribeInternetGatewaysCommandOutput,
  DetachInternetGatewayCommandInput,
  InternetGateway,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { askNew, askOn } from './asks.ts';
import { dependencyViolation, notFound, required } from './errors.ts';
import { matching } from './filters.ts';
import { networkChanged } from './network-changes.ts';
import { page } from './pages.ts';
import type { InternetGatewayRow } from './rows.ts';
import { ec2Tables, newId } from './rows.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, specified, tagList, tagNew, tagsOf } from './tags.ts';
import { vpcOf } from './vpcs.ts';

export function internetGatewayOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    CreateInternetGateway: strictOperation<
      CreateInternetGatewayCommandInput,
      Answer<CreateInternetGatewayCommandOutput>
    >({
      name: 'CreateInternetGateway',
      members: ['TagSpecifications'],
      authorize: (input, call) => askNew(call, 'CreateInternetGateway', 'internet-gateway', input.TagSpecifications),
      handle(input, call) {
        checkSpecifications(input.TagSpecifications, ['internet-gateway']);
        const id = newId(core, 'igw');
        const row = ec2Tables(core, call.region).internetGateways.put(id, { id });
        tagNew(core, call.region, id, specified(input.TagSpecifications, 'internet-gateway'));
        return { InternetGateway: describe(core, call.region, row) };
      },
    }),
    DescribeInternetGateways: strictOperation<
      DescribeInternetGatewaysCommandInput,
      Answer<DescribeInternetGatewaysCommandOutput>
    >({
      name: 'DescribeInternetGateways',
      members: ['Filters', 'InternetGatewayIds', 'NextToken', 'MaxResults'],
      handle(input, call) {
        const all =
          input.InternetGatewayIds?.map((id) => gatewayOf(core, call.region, id)) ??
          ec2Tables(core, call.region).internetGateways.values();
        const rows = matching(
          all,
          input.Filters,
          {
            'internet-gateway-id': (row) => row.id,
            'attachment.vpc-id': (row) => row.vpcId,
            'attachment.state': (row) => (row.vpcId === undefined ? undefined : 'available'),
            'owner-id': () => core.account,
          },
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { InternetGateways: cut.rows.map((row) => describe(core, call.region, row)), NextToken: cut.nextToken };
      },
    }),
    AttachInternetGateway: strictOperation<AttachInternetGatewayCommandInput, object>({
      name: 'AttachInternetGateway',
      members: ['InternetGatewayId', 'VpcId'],
      authorize: (input, call) => [
        askOn(core, call, 'AttachInternetGateway', 'internet-gateway', input.InternetGatewayId),
        askOn(core, call, 'AttachInternetGateway', 'vpc', input.VpcId),
      ],
      handle(input, call) {
        const { internetGateways } = ec2Tables(core, call.region);
        const { id, vpcId } = gatewayOf(core, call.region, required(input.InternetGatewayId, 'internetGatewayId'));
        const vpc = vpcOf(core, call.region, required(input.VpcId, 'vpcId'));
        if (vpcId !== undefined || internetGateways.values().some((row) => row.vpcId === vpc.id)) {
          throw new AwsError(
            'Resource.AlreadyAssociated',
            `resource ${id} is already attached to network ${vpcId ?? vpc.id}`,
          );
        }
        internetGateways.put(id, { id, vpcId: vpc.id });
        networkChanged(core, call.region);
        return {};
      },
    }),
    DetachInternetGateway: strictOperation<DetachInternetGatewayCommandInput, object>({
      name: 'DetachInternetGateway',
      members: ['InternetGatewayId', 'VpcId'],
      authorize: (input, call) => [
        askOn(core, call, 'DetachInternetGateway', 'internet-gateway', input.InternetGatewayId),
        askOn(core, call, 'DetachInternetGateway', 'vpc', input.VpcId),
      ],
      handle(input, call) {
        const tables = ec2Tables(core, call.region);
        const { id, vpcId } = gatewayOf(core, call.region, required(input.InternetGatewayId, 'internetGatewayId'));
        if (vpcId === undefined || vpcId !== input.VpcId) {
          throw new AwsError('Gateway.NotAttached', `resource ${id} is not attached to network ${input.VpcId}`);
        }
        // Public addresses in the VPC hold the gateway: AWS refuses until they are gone.
        if (tables.interfaces.values().some((row) => row.vpcId === vpcId && row.publicAddress !== undefined)) {
          throw new AwsError(
            'DependencyViolation',
            `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
          );
        }
        tables.internetGateways.put(id, { id });
        networkChanged(core, call.region);
        return {};
      },
    }),
    DeleteInternetGateway: strictOperation<DeleteInternetGatewayCommandInput, object>({
      name: 'DeleteInternetGateway',
      members: ['InternetGatewayId'],
      authorize: (input, call) => [
        askOn(core, call, 'DeleteInternetGateway', 'internet-gateway', input.InternetGatewayId),
      ],
      handle(input, call) {
        const tables = ec2Tables(core, call.region);
        const { id, vpcId } = gatewayOf(core, call.region, required(input.InternetGatewayId, 'internetGatewayId'));
        if (vpcId !== undefined) throw dependencyViolation('internetGateway', id);
        tables.internetGateways.delete(id);
        tables.tags.delete(id);
        return {};
      },
    }),
  };
}

function gatewayOf(core: SandboxCore, region: string, id: string): InternetGatewayRow {
  const row = ec2Tables(core, region).internetGateways.get(id);
  if (row === undefined) throw notFound('InvalidInternetGatewayID.NotFound', 'internetGateway ID', id);
  return row;
}

function describe(core: SandboxCore, region: string, row: InternetGatewayRow): InternetGateway {
  return {
    InternetGatewayId: row.id,
    OwnerId: core.account,
    Attachments: row.vpcId === undefined ? [] : [{ VpcId: row.vpcId, State: 'available' as 'attached' }],
    Tags: tagList(tagsOf(core, region, row.id)),
  };
}
