/** GetConsoleOutput: what an instance wrote to its console when it first started. */

import type { GetConsoleOutputCommandInput, GetConsoleOutputCommandOutput } from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { consoleLog } from '../../instances/console-log.ts';
import { askOn } from './asks.ts';
import { required } from './errors.ts';
import { instanceOf } from './instance-lookup.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';

export function consoleOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    GetConsoleOutput: strictOperation<GetConsoleOutputCommandInput, Answer<GetConsoleOutputCommandOutput>>({
      name: 'GetConsoleOutput',
      members: ['InstanceId', 'Latest'],
      authorize: (input, call) => [askOn(core, call, 'GetConsoleOutput', 'instance', input.InstanceId)],
      handle(input, call) {
        const { id, launchedAt, userDataAt } = instanceOf(core, call.region, required(input.InstanceId, 'instanceId'));
        const text = consoleLog(core, call.region, id);
        return {
          InstanceId: id,
          Timestamp: new Date(userDataAt ?? launchedAt),
          // Nothing is posted before there is something.
          ...(text === undefined ? {} : { Output: Buffer.from(text).toString('base64') }),
        };
      },
    }),
  };
}
