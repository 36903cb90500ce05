/** Tokens presented: the task they stand for succeeded, failed, or is still under way. */

import type {
  SendTaskFailureCommandInput,
  SendTaskHeartbeatCommandInput,
  SendTaskSuccessCommandInput,
} from '@aws-sdk/client-sfn';
import { messageOf } from '../../../kernel/errors.ts';
import { StatesError } from '../../asl/errors.ts';
import type { Json } from '../../asl/json.ts';
import { largestPayload, textSize } from '../../asl/json.ts';
import type { AnyOperation } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import type { TaskTokens } from './tokens.ts';

export const taskOperations = (tokens: TaskTokens): Record<string, AnyOperation> => ({
  SendTaskSuccess: operation<SendTaskSuccessCommandInput, object>(({ taskToken, output }, { region }) => {
    const value = outputFrom(output);
    tokens.holder(region, taskToken).resolve(value);
    return {};
  }),
  SendTaskFailure: operation<SendTaskFailureCommandInput, object>(({ taskToken, error, cause }, { region }) => {
    tokens.holder(region, taskToken).reject(new StatesError(error, cause));
    return {};
  }),
  SendTaskHeartbeat: operation<SendTaskHeartbeatCommandInput, object>(({ taskToken }, { region }) => {
    tokens.holder(region, taskToken).heartbeat();
    return {};
  }),
});

function outputFrom(text = ''): Json {
  if (textSize(text) > largestPayload) {
    throw new AwsError('InvalidOutput', `Invalid Output: 'The output is longer than ${largestPayload} bytes.'`);
  }
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new AwsError('InvalidOutput', `Invalid Output: '${messageOf(error)}'`);
  }
}
