/**
 * 'Parameter Store Change' events, best effort as AWS's are. They carry no value, no version and no label.
 * Source: Systems Manager User Guide, "Setting up notifications or triggering actions based on Parameter Store events".
 */

import type { SandboxCore } from '../../contract.ts';
import type { ParameterType } from './records.ts';

export interface ParameterChange {
  readonly operation: 'Create' | 'Update' | 'Delete' | 'LabelParameterVersion';
  readonly name: string;
  readonly arn: string;
  readonly type: ParameterType;
  readonly description: string | undefined;
  readonly dataType?: string;
  /** Why an asynchronous change was not made. */
  readonly exception?: string;
}

/** Hands the event over and returns at once. */
export function announce(core: SandboxCore, region: string, { arn, description, ...change }: ParameterChange): void {
  const detail = { ...change, ...(description === undefined ? {} : { description }) };
  const entry = {
    Source: 'aws.ssm',
    DetailType: 'Parameter Store Change',
    Resources: [arn],
    Time: new Date(core.region(region).clock.now()),
    Detail: JSON.stringify(detail),
  };
  core
    .invoke({
      service: 'events',
      operation: 'PutEvents',
      region,
      input: { Entries: [entry] },
      principal: core.as('ssm'),
    })
    .catch((error: unknown) =>
      core.log({ service: 'ssm', region, text: `the ${change.operation} event of ${change.name} was lost`, error }),
    );
}
