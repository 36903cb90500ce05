/** Executions: started, stopped, described, listed, and what they did. */

import type {
  DescribeExecutionCommandInput,
  DescribeExecutionCommandOutput,
  GetExecutionHistoryCommandInput,
  GetExecutionHistoryCommandOutput,
  ListExecutionsCommandInput,
  ListExecutionsCommandOutput,
  StartExecutionCommandInput,
  StartExecutionCommandOutput,
  StopExecutionCommandInput,
  StopExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import { messageOf } from '../../../kernel/errors.ts';
import { largestPayload, textSize } from '../../asl/json.ts';
import type { AnyOperation, Ask, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { page } from '../events/paging.ts';
import { refuseMembers } from '../events/refuse.ts';
import { checkName, executionOf, isForgotten, machineOf } from './arns.ts';
import type { Executions } from './executions.ts';
import { type Histories, withoutData } from './history.ts';
import { deleting } from './revision.ts';
import { type ExecutionRow, tablesOf } from './rows.ts';

type Out<T> = Omit<T, '$metadata'>;

export function executionOperations(
  core: SandboxCore,
  executions: Executions,
  histories: Histories,
): Record<string, AnyOperation> {
  return {
    StartExecution: operation<StartExecutionCommandInput, Out<StartExecutionCommandOutput>>(
      ({ stateMachineArn, name = core.ids.uuid(), input = '{}' }, { region }) => {
        const machine = machineOf(core, region, stateMachineArn);
        if (machine.status === 'DELETING') throw deleting(machine.arn);
        const { arn, started } = executions.start(region, machine, checkName(name), checkInput(input));
        return { executionArn: arn, startDate: new Date(started) };
      },
      ({ stateMachineArn = '*' }) => [{ action: 'states:StartExecution', resource: stateMachineArn }],
    ),

    StopExecution: operation<StopExecutionCommandInput, Out<StopExecutionCommandOutput>>(
      ({ executionArn, error, cause }, { region }) => {
        const row = executionOf(core, region, executionArn);
        const { stopped } = executions.stop(row, region, error, cause) ?? row;
        return { stopDate: new Date(stopped ?? core.region(region).clock.now()) };
      },
      onExecution('StopExecution'),
    ),

    DescribeExecution: operation<DescribeExecutionCommandInput, Out<DescribeExecutionCommandOutput>>(
      ({ executionArn, includedData = 'ALL_DATA' }, { region }) => {
        const row = executionOf(core, region, executionArn);
        const whole = includedData === 'ALL_DATA';
        return {
          ...summary(row),
          ...(whole ? { input: row.input } : {}),
          inputDetails: { included: whole },
          ...(row.output === undefined
            ? {}
            : { ...(whole ? { output: row.output } : {}), outputDetails: { included: whole } }),
          ...(row.error === undefined ? {} : { error: row.error }),
          ...(row.cause === undefined ? {} : { cause: row.cause }),
          redriveStatus: 'NOT_REDRIVABLE',
          redriveStatusReason:
            row.status === 'RUNNING'
              ? 'Execution is RUNNING and cannot be redriven'
              : row.status === 'SUCCEEDED'
                ? 'Execution is SUCCEEDED and cannot be redriven'
                : 'The sandbox does not redrive executions',
        };
      },
      onExecution('DescribeExecution'),
    ),

    ListExecutions: operation<ListExecutionsCommandInput, Out<ListExecutionsCommandOutput>>(
      (input, { region }) => {
        refuseMembers('ListExecutions', input, ['mapRunArn', 'redriveFilter']);
        const { arn } = machineOf(core, region, input.stateMachineArn);
        const found = tablesOf(core, region)
          .executions.values()
          .filter((row) => row.machineArn === arn && !isForgotten(core, region, row))
          .filter((row) => (input.statusFilter ?? row.status) === row.status)
          .sort((one, other) => other.started - one.started || other.number - one.number);
        const { items, next } = page(found, input.nextToken, input.maxResults || undefined, 1000);
        return { executions: items.map(summary), nextToken: next };
      },
      ({ stateMachineArn = '*' }) => [{ action: 'states:ListExecutions', resource: stateMachineArn }],
    ),

    GetExecutionHistory: operation<GetExecutionHistoryCommandInput, Out<GetExecutionHistoryCommandOutput>>(
      ({ executionArn, includeExecutionData = true, maxResults, nextToken, reverseOrder = false }, { region }) => {
        const { arn } = executionOf(core, region, executionArn);
        const events = histories.events(region, arn);
        const { items, next } = page(reverseOrder ? events.reverse() : events, nextToken, maxResults || 100, 1000);
        return { events: includeExecutionData ? items : items.map(withoutData), nextToken: next };
      },
      onExecution('GetExecutionHistory'),
    ),
  };
}

const onExecution =
  (action: string) =>
  ({ executionArn = '*' }: { executionArn: string | undefined }): Ask[] => [
    { action: `states:${action}`, resource: executionArn },
  ];

function checkInput(input: string): string {
  if (textSize(input) > largestPayload) {
    throw new AwsError(
      'ValidationException',
      `Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${largestPayload}`,
    );
  }
  try {
    JSON.parse(input);
    return input;
  } catch (error) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${messageOf(error)}'`);
  }
}

const summary = ({ arn, machineArn, name, status, started, stopped }: ExecutionRow) => ({
  executionArn: arn,
  stateMachineArn: machineArn,
  name,
  status,
  startDate: new Date(started),
  ...(stopped === undefined ? {} : { stopDate: new Date(stopped) }),
  redriveCount: 0,
});
