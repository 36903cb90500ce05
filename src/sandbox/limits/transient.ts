/** Which errors pass by themselves: what AWS's own services try again when they call one another on an account's behalf. */

import { AwsError } from '../contract.ts';

/** A service's throttling error, by the codes the SDKs know. */
export const isThrottling = (error: unknown): boolean => error instanceof AwsError && throttlingCodes.has(error.code);

/** A service that couldn't answer just now. What the sandbox doesn't support it won't support later. */
export const isOutage = (error: unknown): boolean =>
  error instanceof AwsError && (error.status ?? 400) >= 500 && error.status !== 501 && !isThrottling(error);

const throttlingCodes: ReadonlySet<string> = new Set([
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
