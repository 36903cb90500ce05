/** Accelerators, as the control plane takes them. */

import type {
  CreateAcceleratorCommandInput,
  CreateAcceleratorCommandOutput,
  DeleteAcceleratorCommandInput,
  DescribeAcceleratorAttributesCommandInput,
  DescribeAcceleratorAttributesCommandOutput,
  DescribeAcceleratorCommandInput,
  DescribeAcceleratorCommandOutput,
  ListAcceleratorsCommandInput,
  ListAcceleratorsCommandOutput,
  UpdateAcceleratorAttributesCommandInput,
  UpdateAcceleratorAttributesCommandOutput,
  UpdateAcceleratorCommandInput,
  UpdateAcceleratorCommandOutput,
} from '@aws-sdk/client-global-accelerator';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError, outside } from '../../contract.ts';
import { tagContext } from '../ec2/asks.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { askOn } from './asks.ts';
import type { Deployment } from './deployment.ts';
import type { Edge } from './edge.ts';
import { pageOf } from './pages.ts';
import { type AcceleratorRow, acceleratorOf, acceleratorTables, controlClock, invalid } from './rows.ts';
import { acceleratorShape } from './shapes.ts';

export function acceleratorOperations(
  core: SandboxCore,
  deploys: Deployment,
  edge: Edge,
): Record<string, AnyOperation> {
  const tables = acceleratorTables(core);
  return {
    CreateAccelerator: strictOperation<CreateAcceleratorCommandInput, Answer<CreateAcceleratorCommandOutput>>({
      name: 'CreateAccelerator',
      members: ['Name', 'IpAddressType', 'Enabled', 'IdempotencyToken', 'Tags'],
      authorize: ({ Tags }) => [
        { action: 'globalaccelerator:CreateAccelerator', resource: '*', context: tagContext(Tags) },
      ],
      handle(input) {
        const { IdempotencyToken: token = '' } = input;
        const known = tables.accelerators.values().find((row) => row.token === token);
        if (known !== undefined) return { Accelerator: acceleratorShape(known) };
        const row = created(core, { ...input, Name: checkedName(input.Name) });
        checkType(input.IpAddressType);
        tables.accelerators.put(row.arn, row);
        edge.name(row);
        deploys.changed(row.arn);
        return { Accelerator: acceleratorShape(acceleratorOf(core, row.arn)) };
      },
    }),
    DescribeAccelerator: strictOperation<DescribeAcceleratorCommandInput, Answer<DescribeAcceleratorCommandOutput>>({
      name: 'DescribeAccelerator',
      members: ['AcceleratorArn'],
      authorize: (input) => [askOn(core, 'DescribeAccelerator', input.AcceleratorArn)],
      handle: (input) => ({ Accelerator: acceleratorShape(acceleratorOf(core, input.AcceleratorArn)) }),
    }),
    ListAccelerators: strictOperation<ListAcceleratorsCommandInput, Answer<ListAcceleratorsCommandOutput>>({
      name: 'ListAccelerators',
      members: ['MaxResults', 'NextToken'],
      handle(input) {
        const { rows, next } = pageOf(tables.accelerators.values(), input);
        return { Accelerators: rows.map(acceleratorShape), ...next };
      },
    }),
    UpdateAccelerator: strictOperation<UpdateAcceleratorCommandInput, Answer<UpdateAcceleratorCommandOutput>>({
      name: 'UpdateAccelerator',
      members: ['AcceleratorArn', 'Name', 'IpAddressType', 'Enabled'],
      authorize: (input) => [askOn(core, 'UpdateAccelerator', input.AcceleratorArn)],
      handle(input) {
        const row = acceleratorOf(core, input.AcceleratorArn);
        checkType(input.IpAddressType);
        const name = input.Name === undefined ? row.name : checkedName(input.Name);
        tables.accelerators.put(row.arn, { ...row, name, enabled: input.Enabled ?? row.enabled });
        deploys.changed(row.arn);
        return { Accelerator: acceleratorShape(acceleratorOf(core, row.arn)) };
      },
    }),
    DeleteAccelerator: strictOperation<DeleteAcceleratorCommandInput, object>({
      name: 'DeleteAccelerator',
      members: ['AcceleratorArn'],
      authorize: (input) => [askOn(core, 'DeleteAccelerator', input.AcceleratorArn)],
      handle(input) {
        const row = acceleratorOf(core, input.AcceleratorArn);
        if (row.enabled) {
          throw new AwsError(
            'AcceleratorNotDisabledException',
            `The accelerator ${row.arn} is enabled: disable it before deleting it.`,
          );
        }
        if (tables.listeners.values().some(({ accelerator }) => accelerator === row.arn)) {
          throw new AwsError(
            'AssociatedListenerFoundException',
            `The accelerator ${row.arn} has listeners: delete them first.`,
          );
        }
        // A disabled one goes on taking connections until that is deployed.
        if (!row.deployed) {
          throw new AwsError(
            'TransactionInProgressException',
            `A change of the accelerator ${row.arn} is in progress.`,
          );
        }
        tables.accelerators.delete(row.arn);
        tables.served.delete(row.arn);
        edge.remove(row);
        return {};
      },
    }),
    DescribeAcceleratorAttributes: strictOperation<
      DescribeAcceleratorAttributesCommandInput,
      Answer<DescribeAcceleratorAttributesCommandOutput>
    >({
      name: 'DescribeAcceleratorAttributes',
      members: ['AcceleratorArn'],
      authorize: (input) => [askOn(core, 'DescribeAcceleratorAttributes', input.AcceleratorArn)],
      handle(input) {
        acceleratorOf(core, input.AcceleratorArn);
        return { AcceleratorAttributes: { FlowLogsEnabled: false } };
      },
    }),
    UpdateAcceleratorAttributes: strictOperation<
      UpdateAcceleratorAttributesCommandInput,
      Answer<UpdateAcceleratorAttributesCommandOutput>
    >({
      name: 'UpdateAcceleratorAttributes',
      // Flow logs that are off, which they are: anything else is refused by name.
      members: ['AcceleratorArn'],
      authorize: (input) => [askOn(core, 'UpdateAcceleratorAttributes', input.AcceleratorArn)],
      handle(input) {
        acceleratorOf(core, input.AcceleratorArn);
        return { AcceleratorAttributes: { FlowLogsEnabled: false } };
      },
    }),
  };
}

function created(core: SandboxCore, input: CreateAcceleratorCommandInput): AcceleratorRow {
  const now = controlClock(core).now();
  return {
    arn: `arn:aws:globalaccelerator::${core.account}:accelerator/${core.ids.uuid()}`,
    name: input.Name ?? '',
    token: input.IdempotencyToken ?? '',
    enabled: input.Enabled ?? true,
    addresses: [core.network.allocate(outside), core.network.allocate(outside)],
    dnsName: `a${core.ids.hex(16)}.awsglobalaccelerator.com`,
    deployed: false,
    version: 0,
    createdAt: now,
    changedAt: now,
    tags: Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  };
}

/** Source: CreateAccelerator, Name. */
function checkedName(name: string | undefined): string {
  if (name !== undefined && /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,62}[A-Za-z0-9])?$/.test(name)) return name;
  throw invalid(
    `The name '${name}' must have 1 to 64 letters, digits, periods and hyphens, and not begin or end with one of the last two.`,
  );
}

function checkType(type: string | undefined): void {
  if (type !== undefined && type !== 'IPV4') {
    throw new AwsError(
      'UnsupportedOperation',
      `The sandbox doesn't support accelerators of the address type ${type}. It supports: IPV4.`,
    );
  }
}
