/** How a function's asynchronous events are retried, and where they go afterwards. */

import type {
  DeleteFunctionEventInvokeConfigCommandInput,
  FunctionEventInvokeConfig,
  GetFunctionEventInvokeConfigCommandInput,
  PutFunctionEventInvokeConfigCommandInput,
} from '@aws-sdk/client-lambda';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { unsupported } from '../events/refuse.ts';
import { onFunction } from './asks.ts';
import { isPlayableDestination } from './async-events.ts';
import { functionKey } from './names.ts';
import { type EventConfigRow, functionArn, lambdaTables, latest, qualifiedKey, versionOf } from './rows.ts';

export function eventConfigOperations(core: SandboxCore): Record<string, AnyOperation> {
  const table = (region: string) => lambdaTables(core, region).eventConfigs;

  const write = (merge: boolean) => (input: PutFunctionEventInvokeConfigCommandInput, region: string) => {
    const { OnFailure, OnSuccess } = input.DestinationConfig ?? {};
    for (const destination of [OnFailure?.Destination, OnSuccess?.Destination]) {
      if (destination !== undefined && !isPlayableDestination(destination))
        throw unsupported(`the destination ${destination}`);
    }
    const key = functionKey(input.FunctionName, input.Qualifier);
    versionOf(core, region, key);
    const before = merge ? table(region).get(qualifiedKey(key)) : undefined;
    const given = Object.fromEntries(
      Object.entries({
        MaximumRetryAttempts: input.MaximumRetryAttempts,
        MaximumEventAgeInSeconds: input.MaximumEventAgeInSeconds,
        DestinationConfig: input.DestinationConfig,
      }).filter(([, value]) => value !== undefined),
    );
    const FunctionArn = functionArn(core, region, { name: key.name, qualifier: key.qualifier ?? latest });
    return shape(
      table(region).put(qualifiedKey(key), { ...before, ...given, FunctionArn, modified: core.clock.now() }),
    );
  };

  return {
    PutFunctionEventInvokeConfig: operation<PutFunctionEventInvokeConfigCommandInput, FunctionEventInvokeConfig>(
      (input, call) => write(false)(input, call.region),
      onFunction(core, 'PutFunctionEventInvokeConfig'),
    ),
    UpdateFunctionEventInvokeConfig: operation<PutFunctionEventInvokeConfigCommandInput, FunctionEventInvokeConfig>(
      (input, call) => write(true)(input, call.region),
      onFunction(core, 'UpdateFunctionEventInvokeConfig'),
    ),
    GetFunctionEventInvokeConfig: operation<GetFunctionEventInvokeConfigCommandInput, FunctionEventInvokeConfig>(
      (input, call) => {
        const key = functionKey(input.FunctionName, input.Qualifier);
        const row = table(call.region).get(qualifiedKey(key));
        if (row === undefined) throw missing(functionArn(core, call.region, key));
        return shape(row);
      },
      onFunction(core, 'GetFunctionEventInvokeConfig'),
    ),
    DeleteFunctionEventInvokeConfig: operation<DeleteFunctionEventInvokeConfigCommandInput, object>(
      (input, call) => {
        const key = functionKey(input.FunctionName, input.Qualifier);
        if (!table(call.region).delete(qualifiedKey(key))) throw missing(functionArn(core, call.region, key));
        return {};
      },
      onFunction(core, 'DeleteFunctionEventInvokeConfig'),
    ),
  };
}

const shape = ({ modified, ...row }: EventConfigRow): FunctionEventInvokeConfig => ({
  ...row,
  LastModified: new Date(modified),
});

const missing = (arn: string): AwsError =>
  new AwsError('ResourceNotFoundException', `The function ${arn} doesn't have an EventInvokeConfig`, { status: 404 });
