/**
 * Functions as tasks. A function's error is the task's error: its `errorType` is the name, its whole answer the cause. So is what Lambda
 * itself says of a function that ran out of time or ended (`Sandbox.Timedout`, `Runtime.ExitError`): an answer without a type is
 * `Lambda.Unknown`, which the guide names for both and which older runtimes gave; a retry that must fit both names both.
 * Source: Step Functions Developer Guide, "Call Lambda with Step Functions", and "Handling errors".
 */

import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import { StatesError } from '../../../asl/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../asl/json.ts';
import type { SandboxCore } from '../../../contract.ts';
import { AwsError } from '../../../contract.ts';
import type { Integration } from './catalogue.ts';
import { failureOf } from './failures.ts';
import type { TaskCaller } from './perform.ts';

const members = ['ClientContext', 'FunctionName', 'InvocationType', 'LogType', 'Payload', 'Qualifier'];

/** `arn:aws:states:::lambda:invoke`. Answers { ExecutedVersion, Payload, StatusCode }. */
export const invoke: Integration = {
  prefix: 'Lambda',
  patterns: ['requestResponse', 'waitForTaskToken'],
  async call(core, caller, given) {
    if (!isObject(given)) throw new StatesError('States.Runtime', 'The arguments of lambda:invoke must be an object.');
    const unknown = Object.keys(given).find((name) => !members.includes(name));
    if (unknown !== undefined) {
      throw new StatesError('States.Runtime', `The field '${unknown}' is not supported by lambda:invoke.`);
    }
    const { Payload, ...more } = given;
    const answer = await invoked(core, caller, more, Payload);
    const { ExecutedVersion, StatusCode = 200, LogResult } = answer;
    return {
      ...(ExecutedVersion === undefined ? {} : { ExecutedVersion }),
      ...(LogResult === undefined ? {} : { LogResult }),
      ...(answer.Payload === undefined ? {} : { Payload: valueIn(textIn(answer)) }),
      StatusCode,
    };
  },
};

/** A function's ARN as Resource: its answer is the result. */
export async function invokeByArn(core: SandboxCore, caller: TaskCaller, arn: string, given: Json): Promise<Json> {
  return valueIn(textIn(await invoked(core, caller, { FunctionName: arn }, given)));
}

async function invoked(
  core: SandboxCore,
  { region, principal }: TaskCaller,
  given: JsonObject,
  payload: Json | undefined,
): Promise<InvocationResponse> {
  const input = {
    ...given,
    ...(payload === undefined ? {} : { Payload: Buffer.from(JSON.stringify(payload)) }),
  } as unknown as InvocationRequest;
  let answer: InvocationResponse;
  try {
    requireOwnRegion(input.FunctionName, region);
    answer = await core.invoke<InvocationResponse>({
      service: 'lambda',
      operation: 'Invoke',
      region,
      input,
      principal,
    });
  } catch (error) {
    throw await failureOf(core, region, error, {
      style: 'optimized',
      service: 'lambda',
      prefix: 'Lambda',
      java: 'AWSLambda',
    });
  }
  if (answer.FunctionError !== undefined) throw functionFailure(textIn(answer));
  return answer;
}

function functionFailure(text: string): StatesError {
  const value = valueIn(text);
  const type = isObject(value) ? value.errorType : undefined;
  if (typeof type === 'string' && type !== '') return new StatesError(type, text);
  return new StatesError(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${text}`,
  );
}

/** A machine calls functions of its own Region only. */
function requireOwnRegion(name: string | undefined, region: string): void {
  const other = /^arn:aws:lambda:([\w-]+):/.exec(name ?? '')?.[1];
  if (other === undefined || other === region) return;
  throw new AwsError(
    'ResourceNotFoundException',
    `Functions from '${other}' are not reachable in this region ('${region}')`,
    { status: 404 },
  );
}

const textIn = ({ Payload }: InvocationResponse): string => Buffer.from(Payload ?? []).toString();

function valueIn(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
