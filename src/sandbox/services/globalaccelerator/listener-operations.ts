/** Listeners of accelerators: which ports they take TCP connections on. */

import type {
  CreateListenerCommandInput,
  CreateListenerCommandOutput,
  DeleteListenerCommandInput,
  DescribeListenerCommandInput,
  DescribeListenerCommandOutput,
  ListListenersCommandInput,
  ListListenersCommandOutput,
  UpdateListenerCommandInput,
  UpdateListenerCommandOutput,
} from '@aws-sdk/client-global-accelerator';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { askOn } from './asks.ts';
import type { Deployment } from './deployment.ts';
import { pageOf } from './pages.ts';
import { acceleratorOf, acceleratorTables, listenerOf, type PortRange } from './rows.ts';
import { listenerShape } from './shapes.ts';

/** Ports of one accelerator that the sandbox really opens. */
const mostPorts = 50;

export function listenerOperations(core: SandboxCore, deploys: Deployment): Record<string, AnyOperation> {
  const { listeners, groups } = acceleratorTables(core);
  return {
    CreateListener: strictOperation<CreateListenerCommandInput, Answer<CreateListenerCommandOutput>>({
      name: 'CreateListener',
      members: ['AcceleratorArn', 'PortRanges', 'Protocol', 'ClientAffinity', 'IdempotencyToken'],
      authorize: (input) => [askOn(core, 'CreateListener', input.AcceleratorArn)],
      handle(input) {
        const { arn: accelerator } = acceleratorOf(core, input.AcceleratorArn);
        const { IdempotencyToken: token = '' } = input;
        const known = listeners.values().find((row) => row.token === token && row.accelerator === accelerator);
        if (known !== undefined) return { Listener: listenerShape(known) };
        checkProtocol(input.Protocol);
        const ports = checkedPorts(core, accelerator, input.PortRanges);
        const arn = `${accelerator}/listener/${core.ids.hex(8)}`;
        const row = listeners.put(arn, { arn, accelerator, token, ports, affinity: input.ClientAffinity ?? 'NONE' });
        deploys.changed(accelerator);
        return { Listener: listenerShape(row) };
      },
    }),
    DescribeListener: strictOperation<DescribeListenerCommandInput, Answer<DescribeListenerCommandOutput>>({
      name: 'DescribeListener',
      members: ['ListenerArn'],
      authorize: (input) => [askOn(core, 'DescribeListener', input.ListenerArn)],
      handle: (input) => ({ Listener: listenerShape(listenerOf(core, input.ListenerArn)) }),
    }),
    ListListeners: strictOperation<ListListenersCommandInput, Answer<ListListenersCommandOutput>>({
      name: 'ListListeners',
      members: ['AcceleratorArn', 'MaxResults', 'NextToken'],
      authorize: (input) => [askOn(core, 'ListListeners', input.AcceleratorArn)],
      handle(input) {
        const { arn } = acceleratorOf(core, input.AcceleratorArn);
        const own = listeners.values().filter(({ accelerator }) => accelerator === arn);
        const { rows, next } = pageOf(own, input);
        return { Listeners: rows.map(listenerShape), ...next };
      },
    }),
    UpdateListener: strictOperation<UpdateListenerCommandInput, Answer<UpdateListenerCommandOutput>>({
      name: 'UpdateListener',
      members: ['ListenerArn', 'PortRanges', 'Protocol', 'ClientAffinity'],
      authorize: (input) => [askOn(core, 'UpdateListener', input.ListenerArn)],
      handle(input) {
        const row = listenerOf(core, input.ListenerArn);
        if (input.Protocol !== undefined) checkProtocol(input.Protocol);
        const ports =
          input.PortRanges === undefined ? row.ports : checkedPorts(core, row.accelerator, input.PortRanges, row.arn);
        const next = listeners.put(row.arn, { ...row, ports, affinity: input.ClientAffinity ?? row.affinity });
        deploys.changed(row.accelerator);
        return { Listener: listenerShape(next) };
      },
    }),
    DeleteListener: strictOperation<DeleteListenerCommandInput, object>({
      name: 'DeleteListener',
      members: ['ListenerArn'],
      authorize: (input) => [askOn(core, 'DeleteListener', input.ListenerArn)],
      handle(input) {
        const row = listenerOf(core, input.ListenerArn);
        if (groups.values().some(({ listener }) => listener === row.arn)) {
          throw new AwsError(
            'AssociatedEndpointGroupFoundException',
            `The listener ${row.arn} has endpoint groups: delete them first.`,
          );
        }
        listeners.delete(row.arn);
        deploys.changed(row.accelerator);
        return {};
      },
    }),
  };
}

function checkProtocol(protocol: string | undefined): void {
  if (protocol === 'TCP') return;
  throw new AwsError(
    'UnsupportedOperation',
    `The sandbox's accelerators don't support the protocol ${protocol}. They support: TCP.`,
  );
}

function checkedPorts(
  core: SandboxCore,
  accelerator: string,
  given: CreateListenerCommandInput['PortRanges'],
  changed?: string,
): PortRange[] {
  const ports = (given ?? []).map(({ FromPort: from = 0, ToPort: to = from }) => ({ from, to }));
  const others = acceleratorTables(core)
    .listeners.values()
    .filter((row) => row.accelerator === accelerator && row.arn !== changed)
    .flatMap((row) => row.ports);
  const overlaps = (one: PortRange, other: PortRange): boolean => one.from <= other.to && other.from <= one.to;
  const wrong = ports.find(
    (one, index) =>
      one.from < 1 ||
      one.to > 65_535 ||
      one.from > one.to ||
      [...others, ...ports.slice(0, index)].some((other) => overlaps(one, other)),
  );
  if (ports.length === 0 || wrong !== undefined) {
    throw new AwsError(
      'InvalidPortRangeException',
      `The port ranges must be from 1 to 65535, and no port may be in two of the accelerator's. Given: ${wrong === undefined ? 'none' : `${wrong.from} to ${wrong.to}`}.`,
    );
  }
  const count = [...ports, ...others].reduce((sum, { from, to }) => sum + to - from + 1, 0);
  if (count > mostPorts) {
    throw new AwsError(
      'UnsupportedOperation',
      `The sandbox opens at most ${mostPorts} ports of an accelerator. Asked for: ${count}.`,
    );
  }
  return ports;
}
