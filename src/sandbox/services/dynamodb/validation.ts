/** DynamoDB's commonest refusals. */

import { AwsError } from '../../contract.ts';

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const invalidParameter = (detail: string): AwsError =>
  validation(`One or more parameter values were invalid: ${detail}`);

export const noSuchTable = (name?: string): AwsError =>
  new AwsError(
    'ResourceNotFoundException',
    name === undefined ? 'Requested resource not found' : `Requested resource not found: Table: ${name} not found`,
  );

export const conditionFailed = (fields: Record<string, unknown> = {}): AwsError =>
  new AwsError('ConditionalCheckFailedException', 'The conditional request failed', { fields });
