/** NAT gateways: records with the states and the interface of AWS's; what they let through is in `reachability.ts`. */

import type {
  CreateNatGatewayCommandInput,
  CreateNatGatewayCommandOutput,
  DeleteNatGatewayCommandInput,
  DeleteNatGatewayCommandOutput,
  DescribeNatGatewaysCommandInput,
  DescribeNatGatewaysCommandOutput,
  NatGateway,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { addressOf } from './addresses.ts';
import { askNew, askOn } from './asks.ts';
import { natGatewayDeleting, natGatewayPending } from './durations.ts';
import { invalidParameter, required } from './errors.ts';
import { matching } from './filters.ts';
import { networkChanged } from './network-changes.ts';
import { registerInterface, unregisterInterface } from './network-interfaces.ts';
import { page } from './pages.ts';
import type { NatGatewayRow } from './rows.ts';
import { ec2Tables, newId } from './rows.ts';
import { subnetOf } from './subnets.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, specified, tagList, tagNew, tagsOf } from './tags.ts';

export function natGatewayOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    CreateNatGateway: strictOperation<CreateNatGatewayCommandInput, Answer<CreateNatGatewayCommandOutput>>({
      name: 'CreateNatGateway',
      members: ['SubnetId', 'AllocationId', 'ConnectivityType', 'ClientToken', 'TagSpecifications'],
      authorize: (input, call) => [
        askOn(core, call, 'CreateNatGateway', 'subnet', input.SubnetId),
        ...askNew(call, 'CreateNatGateway', 'natgateway', input.TagSpecifications),
      ],
      handle(input, call) {
        checkSpecifications(input.TagSpecifications, ['natgateway']);
        const row = createNatGateway(core, call.region, input);
        tagNew(core, call.region, row.id, specified(input.TagSpecifications, 'natgateway'));
        return { NatGateway: describe(core, call.region, row), ClientToken: input.ClientToken };
      },
    }),
    DescribeNatGateways: strictOperation<DescribeNatGatewaysCommandInput, Answer<DescribeNatGatewaysCommandOutput>>({
      name: 'DescribeNatGateways',
      members: ['Filter', 'NatGatewayIds', 'NextToken', 'MaxResults'],
      handle(input, call) {
        const all =
          input.NatGatewayIds?.map((id) => natGatewayOf(core, call.region, id)) ??
          ec2Tables(core, call.region).natGateways.values();
        const rows = matching(
          all,
          input.Filter,
          {
            'nat-gateway-id': (row) => row.id,
            'vpc-id': (row) => row.vpcId,
            'subnet-id': (row) => row.subnetId,
            state: (row) => row.state,
          },
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { NatGateways: cut.rows.map((row) => describe(core, call.region, row)), NextToken: cut.nextToken };
      },
    }),
    DeleteNatGateway: strictOperation<DeleteNatGatewayCommandInput, Answer<DeleteNatGatewayCommandOutput>>({
      name: 'DeleteNatGateway',
      members: ['NatGatewayId'],
      authorize: (input, call) => [askOn(core, call, 'DeleteNatGateway', 'natgateway', input.NatGatewayId)],
      handle(input, call) {
        const { id } = natGatewayOf(core, call.region, required(input.NatGatewayId, 'natGatewayId'));
        deleteNatGateway(core, call.region, id);
        return { NatGatewayId: id };
      },
    }),
  };
}

function natGatewayOf(core: SandboxCore, region: string, id: string): NatGatewayRow {
  const row = ec2Tables(core, region).natGateways.get(id);
  if (row === undefined) throw new AwsError('NatGatewayNotFound', `The Nat Gateway ${id} was not found`);
  return row;
}

export function createNatGateway(
  core: SandboxCore,
  region: string,
  input: CreateNatGatewayCommandInput,
): NatGatewayRow {
  const tables = ec2Tables(core, region);
  const subnet = subnetOf(core, region, required(input.SubnetId, 'subnetId'));
  const connectivity = input.ConnectivityType ?? 'public';
  const address =
    connectivity === 'public' ? addressOf(core, region, required(input.AllocationId, 'allocationId')) : undefined;
  if (connectivity === 'private' && input.AllocationId !== undefined) {
    throw invalidParameter('An allocation ID may not be specified for a private NAT gateway.');
  }
  if (address?.associationId !== undefined) {
    throw new AwsError(
      'Resource.AlreadyAssociated',
      `Elastic IP address [${address.allocationId}] is already associated`,
    );
  }
  const id = newId(core, 'nat');
  const { id: interfaceId, privateAddress } = registerInterface(core, {
    region,
    kind: 'nat-gateway',
    subnetId: subnet.id,
    securityGroupIds: [],
    description: `Interface for NAT Gateway ${id}`,
    ...(address === undefined ? {} : { publicAddress: address.publicIp }),
  });
  if (address !== undefined) {
    tables.addresses.put(address.allocationId, {
      ...address,
      associationId: newId(core, 'eipassoc'),
      natGatewayId: id,
    });
  }
  const row = tables.natGateways.put(id, {
    id,
    vpcId: subnet.vpcId,
    subnetId: subnet.id,
    interfaceId,
    connectivity,
    state: 'pending',
    createdAt: core.region(region).clock.now(),
    privateAddress,
    ...(address === undefined ? {} : { allocationId: address.allocationId, publicAddress: address.publicIp }),
  });
  becomeAvailable(core, region, id);
  return row;
}

function becomeAvailable(core: SandboxCore, region: string, id: string): void {
  core.region(region).clock.after(natGatewayPending, () => {
    ec2Tables(core, region).natGateways.update(id, (old) =>
      old.state === 'pending' ? { ...old, state: 'available' } : old,
    );
    networkChanged(core, region);
  });
}

/** Goes on with the gateways of an earlier life that were on their way, from the beginning of that way. */
export function resumeNatGateways(core: SandboxCore, region: string): void {
  for (const { id, state } of ec2Tables(core, region).natGateways.values()) {
    if (state === 'pending') becomeAvailable(core, region, id);
    else if (state === 'deleting') deleteNatGateway(core, region, id);
  }
}

function deleteNatGateway(core: SandboxCore, region: string, id: string): void {
  const tables = ec2Tables(core, region);
  const { clock } = core.region(region);
  tables.natGateways.update(id, (row) => (row.state === 'deleted' ? row : { ...row, state: 'deleting' }));
  networkChanged(core, region);
  clock.after(natGatewayDeleting, () => {
    const row = tables.natGateways.update(id, (old) => ({ ...old, state: 'deleted', deletedAt: clock.now() }));
    if (row === undefined) return;
    unregisterInterface(core, region, row.interfaceId);
    const { allocationId } = row;
    const held = allocationId === undefined ? undefined : tables.addresses.get(allocationId);
    if (allocationId !== undefined && held !== undefined) {
      tables.addresses.put(allocationId, { allocationId, publicIp: held.publicIp });
    }
  });
}

function describe(core: SandboxCore, region: string, row: NatGatewayRow): NatGateway {
  return {
    NatGatewayId: row.id,
    VpcId: row.vpcId,
    SubnetId: row.subnetId,
    ConnectivityType: row.connectivity,
    State: row.state,
    CreateTime: new Date(row.createdAt),
    ...(row.deletedAt === undefined ? {} : { DeleteTime: new Date(row.deletedAt) }),
    NatGatewayAddresses: [
      {
        AllocationId: row.allocationId,
        NetworkInterfaceId: row.interfaceId,
        PrivateIp: row.privateAddress,
        PublicIp: row.publicAddress,
        IsPrimary: true,
        Status: 'succeeded',
      },
    ],
    Tags: tagList(tagsOf(core, region, row.id)),
  };
}
