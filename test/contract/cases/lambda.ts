/** Lambda: invocations and their errors, versions and aliases, mappings and their states, concurrency. */

import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  InvalidParameterValueException,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  paginateListVersionsByFunction,
  ResourceConflictException,
  ResourceInUseException,
  ResourceNotFoundException,
  TooManyRequestsException,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { zip } from '../../sandbox/functions/zip.ts';
import type { ContractTarget } from '../contract.ts';
import { contractCase, pagesOf, refused } from '../contract.ts';

export const lambda = [
  contractCase(
    'an invocation answers what the handler returns, and names what it throws',
    async (target) => {
      const { client, FunctionName } = await functionOf(target);
      const invoke = async (event: unknown, more: object = {}) => {
        const answer = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), ...more }));
        return { ...answer, text: Buffer.from(answer.Payload ?? []).toString() };
      };
      expect(await invoke({ say: 'ü' })).toMatchObject({
        StatusCode: 200,
        ExecutedVersion: '$LATEST',
        text: '{"said":"ü"}',
      });
      const failed = await invoke({ fail: 'no' });
      expect(failed).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
      expect(JSON.parse(failed.text)).toMatchObject({ errorType: 'Error', errorMessage: 'no' });
      expect(await invoke({}, { InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204 });
      expect(await invoke({}, { InvocationType: 'Event' })).toMatchObject({ StatusCode: 202, text: '' });
      const logged = await invoke({ say: 'x' }, { LogType: 'Tail' });
      expect(Buffer.from(logged.LogResult ?? '', 'base64').toString()).toMatch(/REPORT RequestId/);
      await refused(
        client.send(new InvokeCommand({ FunctionName, Payload: '{' })),
        'InvalidRequestContentException',
        400,
      );
      await refused(
        client.send(new InvokeCommand({ FunctionName: `${FunctionName}-none` })),
        ResourceNotFoundException,
        404,
        { Type: 'User' },
      );
    },
    { minutes: 2 },
  ),

  contractCase(
    'no concurrency reserved means no invocation',
    async (target) => {
      const { client, FunctionName } = await functionOf(target);
      await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
      // It takes a moment to be in force.
      await target.eventually(() =>
        refused(client.send(new InvokeCommand({ FunctionName })), TooManyRequestsException, 429, {
          Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
        }),
      );
    },
    { minutes: 2 },
  ),

  contractCase(
    'versions are numbered, aliases point at them, and the waiters see changes through',
    async (target) => {
      const { client, FunctionName } = await functionOf(target);
      const first = await client.send(new PublishVersionCommand({ FunctionName }));
      expect(first).toMatchObject({ Version: '1', FunctionArn: expect.stringMatching(/:1$/) });
      await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
      await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: 'changed' }));
      await waitUntilFunctionUpdatedV2({ client, ...target.waiting }, { FunctionName });
      await client.send(new PublishVersionCommand({ FunctionName }));
      const versions = (
        await pagesOf(paginateListVersionsByFunction({ client, pageSize: 1 }, { FunctionName }))
      ).flatMap((page) => page.Versions ?? []);
      expect(versions.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '2']);
      const live = await client.send(new GetFunctionCommand({ FunctionName, Qualifier: 'live' }));
      expect(live.Configuration).toMatchObject({ Version: '1', Description: '' });
      expect(await client.send(new InvokeCommand({ FunctionName, Qualifier: 'live', Payload: '{}' }))).toMatchObject({
        ExecutedVersion: '1',
      });
    },
    { minutes: 2 },
  ),

  contractCase(
    'an event source passes through its states, and is left alone meanwhile',
    async (target) => {
      const { client, FunctionName } = await functionOf(
        target,
        'arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole',
      );
      const sqs = target.client(SQSClient);
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: target.name() }));
      target.after(() => sqs.send(new DeleteQueueCommand({ QueueUrl })));
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
      const given = { FunctionName, EventSourceArn: Attributes?.QueueArn };
      const { UUID, State } = await client.send(new CreateEventSourceMappingCommand(given));
      expect(State).toBe('Creating');
      target.after(() => target.eventually(() => client.send(new DeleteEventSourceMappingCommand({ UUID }))));
      await refused(client.send(new CreateEventSourceMappingCommand(given)), ResourceConflictException, 409);
      const reached = (state: string) =>
        target.eventually(async () =>
          expect((await client.send(new GetEventSourceMappingCommand({ UUID }))).State).toBe(state),
        );
      await reached('Enabled');
      const off = await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
      expect(off.State).toBe('Disabling');
      await refused(
        client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true })),
        ResourceInUseException,
        400,
      );
      await reached('Disabled');
    },
    { minutes: 6 },
  ),

  contractCase(
    'bad input: runtimes, roles, handlers, permissions',
    async (target) => {
      const { client, FunctionName, Role } = await functionOf(target);
      const create = (more: object) =>
        client.send(new CreateFunctionCommand({ ...definition(target.name(), Role), ...more }));
      await refused(create({ Runtime: 'cobol' }), InvalidParameterValueException, 400);
      await refused(create({ Role: 'nobody' }), 'ValidationException', 400);
      await refused(create({ Timeout: 901 }), 'ValidationException', 400);
      await refused(create({ Code: { ZipFile: Buffer.from('no zip') } }), InvalidParameterValueException, 400);
      await refused(
        client.send(new CreateFunctionCommand(definition(FunctionName, Role))),
        ResourceConflictException,
        409,
      );
      const permit = (Action: string) =>
        client.send(
          new AddPermissionCommand({ FunctionName, StatementId: 's', Action, Principal: 'sns.amazonaws.com' }),
        );
      await permit('lambda:InvokeFunction');
      await refused(permit('lambda:InvokeFunction'), ResourceConflictException, 409);
    },
    { minutes: 2 },
  ),
];

async function functionOf(
  target: ContractTarget,
  policy?: string,
): Promise<{ client: LambdaClient; FunctionName: string; Role: string }> {
  const client = target.client(LambdaClient);
  const FunctionName = target.name();
  const Role = await target.role('lambda.amazonaws.com', policy);
  await client.send(new CreateFunctionCommand(definition(FunctionName, Role)));
  target.after(() => client.send(new DeleteFunctionCommand({ FunctionName })));
  await waitUntilFunctionActiveV2({ client, ...target.waiting }, { FunctionName });
  return { client, FunctionName, Role };
}

const source = `export const handler = async ({ say, fail }) => {
  if (fail) throw new Error(fail);
  return { said: say };
};`;

const definition = (FunctionName: string, Role: string) => ({
  FunctionName,
  Role,
  Runtime: 'nodejs20.x' as const,
  Handler: 'index.handler',
  Code: { ZipFile: zip({ 'index.mjs': source }) },
});
