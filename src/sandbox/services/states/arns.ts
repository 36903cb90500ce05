/** ARNs of state machines and executions, and the errors for those that aren't. */

import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { type ExecutionRow, type MachineRow, tablesOf } from './rows.ts';

export const machineArn = (core: SandboxCore, region: string, name: string): string =>
  `arn:aws:states:${region}:${core.account}:stateMachine:${name}`;

export const executionArn = (core: SandboxCore, region: string, machine: string, name: string): string =>
  `arn:aws:states:${region}:${core.account}:execution:${machine}:${name}`;

/** Throws `InvalidArn`, or `StateMachineDoesNotExist` for machines of other Regions too. */
export function machineOf(core: SandboxCore, region: string, arn: string | undefined): MachineRow {
  const given = checked(arn);
  const found = tablesOf(core, region).machines.get(given);
  if (found !== undefined) return found;
  throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${given}'`);
}

/** Throws `InvalidArn` or `ExecutionDoesNotExist`. */
export function executionOf(core: SandboxCore, region: string, arn: string | undefined): ExecutionRow {
  const given = checked(arn);
  const found = tablesOf(core, region).executions.get(given);
  if (found !== undefined && !isForgotten(core, region, found)) return found;
  throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${given}'`);
}

/** Milliseconds an execution is told of, and its name taken, after its end. Source: Step Functions quotas. */
const retention = 90 * 86_400_000;

export const isForgotten = (core: SandboxCore, region: string, { stopped }: ExecutionRow): boolean =>
  stopped !== undefined && stopped + retention <= core.region(region).clock.now();

function checked(arn: string | undefined): string {
  if (arn === undefined || !arn.startsWith('arn:aws:')) {
    throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  }
  if (!arn.startsWith('arn:aws:states:')) {
    throw new AwsError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${arn}'`);
  }
  return arn;
}

/** Names of machines and executions. Source: the API reference of CreateStateMachine and StartExecution. */
export function checkName(name: string | undefined): string {
  if (name !== undefined && /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u.test(name)) return name;
  throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}
