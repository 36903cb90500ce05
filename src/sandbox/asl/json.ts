/** JSON values, and the sizes Step Functions allows them. */

import { StatesError } from './errors.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Bytes of UTF-8 an input, an output, a task's result or a variable may have. Source: Step Functions quotas. */
export const largestPayload = 262_144;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A copy made of JSON alone: what isn't JSON (undefined members, sequences with hidden members) is left behind. */
export const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

export const textSize = (text: string): number => Buffer.byteLength(text);

/** Throws `States.DataLimitExceeded` when `value` is over the limit; `what` names the state or task that made it. */
export function withinLimit<T extends Json>(value: T, what: string): T {
  if (textSize(JSON.stringify(value)) > largestPayload) {
    throw new StatesError(
      'States.DataLimitExceeded',
      `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    );
  }
  return value;
}
