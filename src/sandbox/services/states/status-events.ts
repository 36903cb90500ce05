/** 'Step Functions Execution Status Change' on the default event bus, best effort. */

import type { SandboxCore } from '../../contract.ts';
import { codeOf } from '../../contract.ts';
import type { ExecutionRow } from './rows.ts';

export async function announceStatus(core: SandboxCore, region: string, row: ExecutionRow): Promise<void> {
  const included = { included: true };
  const detail = {
    executionArn: row.arn,
    stateMachineArn: row.machineArn,
    name: row.name,
    status: row.status,
    startDate: row.started,
    stopDate: row.stopped ?? null,
    input: row.input,
    output: row.output ?? null,
    inputDetails: included,
    outputDetails: row.output === undefined ? null : included,
    error: row.error ?? null,
    cause: row.cause ?? null,
    redriveCount: 0,
  };
  const entry = {
    Source: 'aws.states',
    DetailType: 'Step Functions Execution Status Change',
    Resources: [row.arn],
    Detail: JSON.stringify(detail),
  };
  try {
    const principal = core.as('states');
    await core.invoke({ service: 'events', operation: 'PutEvents', region, input: { Entries: [entry] }, principal });
  } catch (error) {
    if (codeOf(error) !== 'UnsupportedOperation')
      core.log({ service: 'states', region, text: 'event not sent', error });
  }
}
