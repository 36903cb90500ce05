/** Elastic IP addresses: records, held by NAT gateways. Drawn from the block RFC 5737 keeps for documentation. */

import type {
  Address,
  AllocateAddressCommandInput,
  AllocateAddressCommandOutput,
  DescribeAddressesCommandInput,
  DescribeAddressesCommandOutput,
  ReleaseAddressCommandInput,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { askNew, askOn } from './asks.ts';
import { required } from './errors.ts';
import { matching } from './filters.ts';
import type { AddressRow } from './rows.ts';
import { ec2Tables, newId } from './rows.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, specified, tagList, tagNew, tagsOf } from './tags.ts';

export function addressOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    AllocateAddress: strictOperation<AllocateAddressCommandInput, Answer<AllocateAddressCommandOutput>>({
      name: 'AllocateAddress',
      members: ['Domain', 'TagSpecifications'],
      authorize: (input, call) => askNew(call, 'AllocateAddress', 'elastic-ip', input.TagSpecifications),
      handle(input, call) {
        checkSpecifications(input.TagSpecifications, ['elastic-ip']);
        const allocationId = newId(core, 'eipalloc');
        const { publicIp } = ec2Tables(core, call.region).addresses.put(allocationId, {
          allocationId,
          publicIp: publicAddress(core),
        });
        tagNew(core, call.region, allocationId, specified(input.TagSpecifications, 'elastic-ip'));
        return { AllocationId: allocationId, PublicIp: publicIp, Domain: 'vpc', NetworkBorderGroup: call.region };
      },
    }),
    DescribeAddresses: strictOperation<DescribeAddressesCommandInput, Answer<DescribeAddressesCommandOutput>>({
      name: 'DescribeAddresses',
      members: ['Filters', 'AllocationIds', 'PublicIps'],
      handle(input, call) {
        const { addresses } = ec2Tables(core, call.region);
        const all = input.AllocationIds?.map((id) => addressOf(core, call.region, id)) ?? addresses.values();
        const rows = matching(
          all.filter((row) => input.PublicIps?.includes(row.publicIp) ?? true),
          input.Filters,
          {
            'allocation-id': (row) => row.allocationId,
            'association-id': (row) => row.associationId,
            'public-ip': (row) => row.publicIp,
            domain: () => 'vpc',
          },
          (row) => tagsOf(core, call.region, row.allocationId),
        );
        return { Addresses: rows.map((row) => describe(core, call.region, row)) };
      },
    }),
    ReleaseAddress: strictOperation<ReleaseAddressCommandInput, object>({
      name: 'ReleaseAddress',
      members: ['AllocationId'],
      authorize: (input, call) => [askOn(core, call, 'ReleaseAddress', 'elastic-ip', input.AllocationId)],
      handle(input, call) {
        const tables = ec2Tables(core, call.region);
        const row = addressOf(core, call.region, required(input.AllocationId, 'allocationId'));
        if (row.associationId !== undefined) {
          throw new AwsError('InvalidIPAddress.InUse', `Address ${row.publicIp} is in use.`);
        }
        tables.addresses.delete(row.allocationId);
        tables.tags.delete(row.allocationId);
        return {};
      },
    }),
  };
}

/** A public address nobody routes: 198.51.100.0/24, 203.0.113.0/24 and 192.0.2.0/24 are for documentation (RFC 5737). */
export function publicAddress(core: SandboxCore): string {
  const blocks = ['198.51.100', '203.0.113', '192.0.2'];
  const used = new Set(
    core.regions.flatMap((region) => [
      ...ec2Tables(core, region)
        .addresses.values()
        .map((row) => row.publicIp),
      ...ec2Tables(core, region)
        .interfaces.values()
        .flatMap((row) => row.publicAddress ?? []),
    ]),
  );
  for (const block of blocks) {
    for (let host = 1; host < 255; host++) {
      if (!used.has(`${block}.${host}`)) return `${block}.${host}`;
    }
  }
  throw new AwsError('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
}

export function addressOf(core: SandboxCore, region: string, id: string): AddressRow {
  const row = ec2Tables(core, region).addresses.get(id);
  if (row === undefined) throw new AwsError('InvalidAllocationID.NotFound', `The allocation ID '${id}' does not exist`);
  return row;
}

function describe(core: SandboxCore, region: string, row: AddressRow): Address {
  return {
    AllocationId: row.allocationId,
    AssociationId: row.associationId,
    PublicIp: row.publicIp,
    Domain: 'vpc',
    NetworkBorderGroup: region,
    Tags: tagList(tagsOf(core, region, row.allocationId)),
  };
}
