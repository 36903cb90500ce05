/**
 * What each service says to a call it throttles: code, HTTP status, words and fields. Clients know these codes as throttling and try
 * again by themselves, slower (botocore's `_THROTTLED_ERROR_CODES`, `THROTTLING_ERROR_CODES` of @smithy/core).
 *
 * Sources: the services' models in botocore 1.43 (modelled errors, `_retry.json`), their "Common errors" pages, EC2's and S3's error
 * lists, and what users report: Lambda's `Reason` (https://github.com/fyoorer/ShadowClone/issues/25), RDS's `Throttling`
 * (https://github.com/aws/aws-cli/issues/8604), EC2's words (https://github.com/CloudSnorkel/cdk-github-runners/issues/946).
 */

import type { ServiceName } from '../contract.ts';
import { AwsError } from '../contract.ts';

/** The service's own throttling error, for a call of `operation`. */
export function throttlingError(service: ServiceName, operation: string, account: string): AwsError {
  const own = errors[service] ?? queryError;
  const { code, status, message, fields = {} } = typeof own === 'function' ? own(operation, account) : own;
  return new AwsError(code, message, { ...(status === undefined ? {} : { status }), fields });
}

interface Throttled {
  readonly code: string;
  /** Where the error isn't modelled, or is spelled by protocol, its status is known there. */
  readonly status?: number;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** `Throttling` with status 400; clients that speak JSON to such a service read `ThrottlingException`. */
const queryError: Throttled = { code: 'Throttling', message: 'Rate exceeded' };
const jsonError: Throttled = { code: 'ThrottlingException', status: 400, message: 'Rate exceeded' };

const errors: { readonly [Name in ServiceName]?: Throttled | ((operation: string, account: string) => Throttled) } = {
  acm: jsonError,
  dynamodb: (operation) => (itemOperations.test(operation) ? { ...jsonError, message: hotTable } : jsonError),
  ec2: (operation, account) => ({
    code: 'RequestLimitExceeded',
    status: 503,
    message: `Request limit exceeded. Account ${account} has been throttled on ec2:${operation} because it exceeded its request rate limit.`,
  }),
  events: jsonError,
  globalaccelerator: jsonError,
  kms: {
    ...jsonError,
    message: 'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  },
  lambda: (operation) => ({
    code: 'TooManyRequestsException',
    status: 429,
    ...(operation === 'Invoke'
      ? { message: 'Rate Exceeded.', fields: { Type: 'User', Reason: 'ConcurrentInvocationLimitExceeded' } }
      : { message: 'Rate exceeded', fields: { Type: 'User', Reason: 'CallerRateLimitExceeded' } }),
  }),
  logs: jsonError,
  s3: { code: 'SlowDown', status: 503, message: 'Please reduce your request rate.' },
  scheduler: { ...jsonError, status: 429 },
  secretsmanager: jsonError,
  sqs: { code: 'RequestThrottled', status: 403, message: 'The request was denied due to request throttling.' },
  ssm: jsonError,
  states: jsonError,
};

const itemOperations = /Item|^Query$|^Scan$/;
const hotTable =
  'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.';
