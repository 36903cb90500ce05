/** Invoke: at once, in the background, or only asking whether one may. */

import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { refuseMembers } from '../events/refuse.ts';
import type { AsyncEvents } from './async-events.ts';
import type { Invocations } from './invocations.ts';
import { functionKey } from './names.ts';
import { functionArn, versionOf } from './rows.ts';

/** Bytes. Source: Lambda quotas. */
const largest = { RequestResponse: 6_291_456, Event: 1_048_576 };
const tailSize = 4096;

export function invokeOperation(core: SandboxCore, invocations: Invocations, events: AsyncEvents): AnyOperation {
  return operation<InvocationRequest, InvocationResponse>(
    async (input, call) => {
      refuseMembers('Invoke', input, ['DurableExecutionName', 'TenantId']);
      const key = functionKey(input.FunctionName, input.Qualifier);
      const row = versionOf(core, call.region, key);
      const type = input.InvocationType ?? 'RequestResponse';
      if (type === 'DryRun') return { StatusCode: 204 };
      const payload = payloadOf(input, largest[type]);
      const clientContext =
        input.ClientContext === undefined ? undefined : Buffer.from(input.ClientContext, 'base64').toString();
      if (type === 'Event') {
        events.accept(call.region, key, { id: call.requestId, payload, clientContext });
        return { StatusCode: 202 };
      }
      const outcome = await invocations.run(call.region, key, { payload, requestId: call.requestId, clientContext });
      const oversized = Buffer.byteLength(outcome.payload) > largest.RequestResponse;
      const tail =
        input.LogType === 'Tail' ? { LogResult: Buffer.from(outcome.log).subarray(-tailSize).toString('base64') } : {};
      return {
        StatusCode: 200,
        ...(outcome.functionError || oversized ? { FunctionError: 'Unhandled' } : {}),
        ...tail,
        Payload: Buffer.from(oversized ? tooLarge(outcome.payload) : outcome.payload),
        ExecutedVersion: row.version,
      };
    },
    ({ FunctionName, Qualifier }, call) => [
      {
        action: 'lambda:InvokeFunction',
        resource: functionArn(core, call.region, functionKey(FunctionName, Qualifier)),
      },
    ],
  );
}

function payloadOf({ Payload }: InvocationRequest, limit: number): string {
  if (Payload === undefined || Payload.length === 0) return '{}';
  if (Payload.length > limit) {
    const message = `${Payload.length} byte payload is too large for the invocation type (limit ${limit} bytes)`;
    throw new AwsError('RequestTooLargeException', message, { status: 413 });
  }
  const text = Buffer.from(Payload).toString();
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Could not parse request body into json', { status: 400 });
  }
}

const tooLarge = (payload: string): string =>
  JSON.stringify({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size (${Buffer.byteLength(payload)} bytes) exceeded maximum allowed payload size (${largest.RequestResponse} bytes).`,
  });
