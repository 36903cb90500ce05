/**
 * Service errors as tasks see them. Optimized integrations speak as the Java SDK's first version did, SDK integrations as its second:
 * `Lambda.TooManyRequestsException`, `SQS.AmazonSQSException`; `DynamoDb.ResourceNotFoundException`, `Rds.RdsException`.
 * Sources: Step Functions Developer Guide, "Handling errors"; recordings of AWS in localstack's snapshot tests.
 */

import { messageOf } from '../../../../kernel/errors.ts';
import { StatesError } from '../../../asl/errors.ts';
import type { SandboxCore, ServiceName } from '../../../contract.ts';
import { AwsError } from '../../../contract.ts';
import { javaName } from './java-names.ts';
import { shapesOf } from './shapes.ts';

export interface FailureNames {
  readonly style: 'optimized' | 'sdk';
  readonly service: ServiceName;
  /** Before the dot. */
  readonly prefix: string;
  /** What the exception of an unmodelled error is called after. */
  readonly java: string;
}

export async function failureOf(
  core: SandboxCore,
  region: string,
  error: unknown,
  names: FailureNames,
): Promise<StatesError> {
  const { prefix, java, service, style } = names;
  if (error instanceof StatesError) return error;
  if (!(error instanceof AwsError)) {
    core.log({ service: 'states', region, text: `a call of ${service} failed`, error });
    return new StatesError(`${prefix}.SdkClientException`, messageOf(error));
  }
  const shape = (await shapesOf(core, service)).errors.get(error.code);
  const code = shape?.traits.awsQueryError?.[0] ?? shape?.name ?? error.code;
  const status = error.status ?? shape?.traits.httpError ?? 400;
  const name =
    shape === undefined ? `${java}Exception` : exceptionName(style === 'sdk' ? javaName(shape.name) : shape.name);
  const requestId = core.ids.uuid();
  const details =
    style === 'sdk'
      ? `Service: ${prefix}, Status Code: ${status}, Request ID: ${requestId}`
      : `Service: ${java}; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null`;
  return new StatesError(`${prefix}.${name}`, `${error.message} (${details})`);
}

const exceptionName = (name: string): string => `${name.replace(/(Exception|Error|Fault)$/, '')}Exception`;
