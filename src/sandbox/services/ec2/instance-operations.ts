/** Stopping, starting, rebooting and terminating instances. */

import type {
  InstanceStateChange,
  RebootInstancesCommandInput,
  StartInstancesCommandInput,
  StartInstancesCommandOutput,
  StopInstancesCommandInput,
  StopInstancesCommandOutput,
  TerminateInstancesCommandInput,
  TerminateInstancesCommandOutput,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { askOn } from './asks.ts';
import { capacityFor } from './capacity.ts';
import { missingParameter } from './errors.ts';
import type { InstanceLifecycle } from './instance-lifecycle.ts';
import { instanceOf, stateCode } from './instance-lookup.ts';
import type { InstanceRow, InstanceState } from './machine-rows.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';

interface Named {
  readonly InstanceIds: string[] | undefined;
}

const userInitiated = (what: string) => ({
  code: `Client.UserInitiated${what}`,
  message: `Client.UserInitiated${what}: User initiated ${what.toLowerCase()}`,
});

export function instanceOperations(core: SandboxCore, lifecycle: InstanceLifecycle): Record<string, AnyOperation> {
  const asks = (action: string) => (input: Named, call: Call) =>
    (input.InstanceIds ?? []).map((id) => askOn(core, call, action, 'instance', id));

  /** Refuses all when one is in a state it can't leave this way: AWS changes none then. */
  function changeAll(
    input: Named,
    call: Call,
    allowed: readonly InstanceState[],
    ignored: readonly InstanceState[],
    act: (row: InstanceRow) => void,
  ): InstanceStateChange[] {
    if (input.InstanceIds === undefined || input.InstanceIds.length === 0) throw missingParameter('InstanceId');
    const rows = input.InstanceIds.map((id) => instanceOf(core, call.region, id));
    const wrong = rows.find((row) => !allowed.includes(row.state) && !ignored.includes(row.state));
    if (wrong !== undefined) {
      throw new AwsError(
        'IncorrectInstanceState',
        `The instance '${wrong.id}' is not in a state from which it can be changed this way: it is ${wrong.state}.`,
      );
    }
    return rows.map((row) => {
      if (allowed.includes(row.state)) act(row);
      const now = instanceOf(core, call.region, row.id);
      return {
        InstanceId: row.id,
        PreviousState: { Code: stateCode[row.state], Name: row.state },
        CurrentState: { Code: stateCode[now.state], Name: now.state },
      };
    });
  }

  return {
    TerminateInstances: strictOperation<TerminateInstancesCommandInput, Answer<TerminateInstancesCommandOutput>>({
      name: 'TerminateInstances',
      members: ['InstanceIds'],
      authorize: asks('TerminateInstances'),
      handle(input, call) {
        const protectedOne = (input.InstanceIds ?? [])
          .map((id) => instanceOf(core, call.region, id))
          .find((row) => row.terminationProtected && call.principal.kind !== 'internal');
        if (protectedOne !== undefined) {
          throw new AwsError(
            'OperationNotPermitted',
            `The instance '${protectedOne.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
          );
        }
        const changed = changeAll(
          input,
          call,
          ['pending', 'running', 'stopping', 'stopped'],
          ['shutting-down', 'terminated'],
          ({ id }) => lifecycle.terminate(call.region, id, userInitiated('Shutdown')),
        );
        return { TerminatingInstances: changed };
      },
    }),
    StopInstances: strictOperation<StopInstancesCommandInput, Answer<StopInstancesCommandOutput>>({
      name: 'StopInstances',
      members: ['InstanceIds', 'Force'],
      authorize: asks('StopInstances'),
      handle: (input, call) => ({
        StoppingInstances: changeAll(input, call, ['running'], ['stopping', 'stopped'], ({ id }) =>
          lifecycle.stop(call.region, id, userInitiated('Shutdown')),
        ),
      }),
    }),
    StartInstances: strictOperation<StartInstancesCommandInput, Answer<StartInstancesCommandOutput>>({
      name: 'StartInstances',
      members: ['InstanceIds'],
      authorize: asks('StartInstances'),
      handle(input, call) {
        for (const id of input.InstanceIds ?? []) {
          const { instanceType, zone, state } = instanceOf(core, call.region, id);
          if (state === 'stopped') capacityFor(core, call.region, instanceType, zone, { least: 1, most: 1 });
        }
        return {
          StartingInstances: changeAll(input, call, ['stopped'], ['pending', 'running'], ({ id }) =>
            lifecycle.start(call.region, id),
          ),
        };
      },
    }),
    RebootInstances: strictOperation<RebootInstancesCommandInput, object>({
      name: 'RebootInstances',
      members: ['InstanceIds'],
      authorize: asks('RebootInstances'),
      handle(input, call) {
        changeAll(input, call, ['running'], [], ({ id }) => lifecycle.reboot(call.region, id));
        return {};
      },
    }),
  };
}
