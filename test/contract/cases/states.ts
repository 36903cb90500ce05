/** Step Functions: executions by name, their end and history, and definitions that are refused. */

import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidArn,
  InvalidDefinition,
  InvalidExecutionInput,
  InvalidName,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { contractCase, pagesOf, refused } from '../contract.ts';

export const states = [
  contractCase('a name starts one execution, whose history tells what happened', async (target) => {
    const { client, stateMachineArn } = await machineOf(target, {
      StartAt: 'Add',
      States: { Add: { Type: 'Pass', Result: 2, ResultPath: '$.more', Next: 'End' }, End: { Type: 'Succeed' } },
    });
    const start = (input: string) => client.send(new StartExecutionCommand({ stateMachineArn, name: 'once', input }));
    const { executionArn } = await start('{"a":1}');
    expect((await start('{"a":1}')).executionArn).toBe(executionArn);
    const done = await target.eventually(async () => {
      const described = await client.send(new DescribeExecutionCommand({ executionArn }));
      expect(described.status).toBe('SUCCEEDED');
      return described;
    });
    expect(JSON.parse(done.output ?? '')).toEqual({ a: 1, more: 2 });
    await refused(start('{"a":2}'), ExecutionAlreadyExists, 400);
    const history = (await pagesOf(paginateGetExecutionHistory({ client, pageSize: 2 }, { executionArn }))).flatMap(
      (page) => page.events ?? [],
    );
    expect(history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
    expect(history.map(({ id, previousEventId }) => [id, previousEventId])).toEqual([
      [1, 0],
      [2, 0],
      [3, 2],
      [4, 3],
      [5, 4],
      [6, 5],
    ]);
    const listed = (
      await pagesOf(paginateListExecutions({ client, pageSize: 1 }, { stateMachineArn, statusFilter: 'SUCCEEDED' }))
    ).flatMap((page) => page.executions ?? []);
    expect(listed.map(({ name }) => name)).toEqual(['once']);
  }),

  contractCase('an execution fails with its error, or is stopped with one', async (target) => {
    const failing = await machineOf(target, {
      StartAt: 'No',
      States: { No: { Type: 'Fail', Error: 'Mine', Cause: 'because' } },
    });
    const waiting = await machineOf(target, {
      StartAt: 'Wait',
      States: { Wait: { Type: 'Wait', Seconds: 80_000, End: true } },
    });
    const ended = async ({ client, stateMachineArn }: Machine, stop?: { error: string; cause: string }) => {
      const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn }));
      if (stop !== undefined) await client.send(new StopExecutionCommand({ executionArn, ...stop }));
      return target.eventually(async () => {
        const described = await client.send(new DescribeExecutionCommand({ executionArn }));
        expect(described.status).not.toBe('RUNNING');
        return described;
      });
    };
    expect(await ended(failing)).toMatchObject({ status: 'FAILED', error: 'Mine', cause: 'because' });
    expect(await ended(waiting, { error: 'Enough', cause: 'tired' })).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'tired',
    });
  }),

  contractCase('JSONata computes with variables, and a failure in it is caught by its name', async (target) => {
    const { client, stateMachineArn } = await machineOf(target, {
      QueryLanguage: 'JSONata',
      StartAt: 'Sum',
      States: {
        Sum: { Type: 'Pass', Assign: { total: '{% $sum($states.input.of) %}' }, Next: 'Choose' },
        Choose: { Type: 'Choice', Choices: [{ Condition: '{% $total > 5 %}', Next: 'Much' }], Default: 'Little' },
        Much: { Type: 'Succeed', Output: '{% {"total": $total} %}' },
        Little: { Type: 'Fail', Error: 'Little', Cause: '{% "only " & $string($total) %}' },
      },
    });
    const run = async (input: object) => {
      const { executionArn } = await client.send(
        new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
      );
      return target.eventually(async () => {
        const described = await client.send(new DescribeExecutionCommand({ executionArn }));
        expect(described.status).not.toBe('RUNNING');
        return described;
      });
    };
    const much = await run({ of: [1, 2, 3] });
    expect([much.status, JSON.parse(much.output ?? 'null')]).toEqual(['SUCCEEDED', { total: 6 }]);
    expect(await run({ of: [1] })).toMatchObject({ status: 'FAILED', error: 'Little', cause: 'only 1' });
    expect(await run({ of: ['x'] })).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    // 256 KiB is the most a state takes.
    await refused(
      client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ of: 'x'.repeat(262_144) }) })),
      'ValidationException',
      400,
    );
  }),

  contractCase('bad input: definitions are refused with the path of what is wrong', async (target) => {
    const { client, stateMachineArn } = await machineOf(target, { StartAt: 'A', States: { A: { Type: 'Succeed' } } });
    const roleArn = await target.role('states.amazonaws.com');
    const create = (definition: string) =>
      client.send(new CreateStateMachineCommand({ name: target.name(), roleArn, definition }));
    for (const [definition, path] of [
      ['{', ''],
      ['{}', 'StartAt'],
      ['{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}', 'B'],
      ['{"StartAt":"A","States":{"A":{"Type":"Nothing"}}}', 'A'],
      ['{"StartAt":"A","States":{"A":{"Type":"Pass"}}}', 'A'],
      ['{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}', 'A'],
    ] as const) {
      await refused(create(definition), InvalidDefinition, 400, { message: expect.stringContaining(path) });
    }
    const checked = await client.send(
      new ValidateStateMachineDefinitionCommand({ definition: '{"StartAt":"A","States":{"A":{"Type":"Pass"}}}' }),
    );
    expect(checked).toMatchObject({
      result: 'FAIL',
      diagnostics: expect.arrayContaining([expect.objectContaining({ severity: 'ERROR' })]),
    });
    const start = (more: object) => client.send(new StartExecutionCommand({ stateMachineArn, ...more }));
    await refused(start({ input: '{' }), InvalidExecutionInput, 400);
    await refused(start({ name: 'no <name>' }), InvalidName, 400);
    await refused(start({ stateMachineArn: 'nonsense' }), InvalidArn, 400);
    await refused(start({ stateMachineArn: `${stateMachineArn}-none` }), StateMachineDoesNotExist, 400);
    const none = stateMachineArn.replace(':stateMachine:', ':execution:');
    await refused(
      client.send(new DescribeExecutionCommand({ executionArn: `${none}:none` })),
      ExecutionDoesNotExist,
      400,
    );
  }),
];

interface Machine {
  readonly client: SFNClient;
  readonly stateMachineArn: string;
}

async function machineOf(target: ContractTarget, definition: object): Promise<Machine> {
  const client = target.client(SFNClient);
  const roleArn = await target.role('states.amazonaws.com');
  const made = await client.send(
    new CreateStateMachineCommand({ name: target.name(), roleArn, definition: JSON.stringify(definition) }),
  );
  const stateMachineArn = made.stateMachineArn ?? '';
  target.after(() => client.send(new DeleteStateMachineCommand({ stateMachineArn })));
  return { client, stateMachineArn };
}
