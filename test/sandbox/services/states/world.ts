/** Step Functions on a virtual clock, among stand-ins for the services it calls. */

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { AnyOperation, Call, Principal, ServiceFactory, ServiceName } from '../../../../src/sandbox/contract.ts';
import { AwsError, operation } from '../../../../src/sandbox/contract.ts';
import { apiOf } from '../../../../src/sandbox/protocols/api.ts';
import { createStatesService } from '../../../../src/sandbox/services/states/service.ts';
import { type Life, type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';

// Schemas are read from files, which takes real time: before the virtual clock runs.
await Promise.all((['lambda', 'dynamodb', 'sqs', 'sns', 'events', 'rds', 's3', 'states'] as const).map(apiOf));

export const region = 'us-west-2';
export const roleArn = 'arn:aws:iam::111122223333:role/machine';

/** What a stand-in function answers. Throwing `FunctionFailure` is a function's own error, `AwsError` one of the service. */
type FakeFunction = (payload: never, call: Call) => unknown;

export class FunctionFailure extends Error {
  readonly errorType: string | undefined;

  constructor(errorType: string | undefined, message: string) {
    super(message);
    this.errorType = errorType;
  }
}

export interface World {
  readonly sandbox: TestSandbox;
  /** Calls of other services, in order. */
  readonly calls: { service: string; operation: string; input: Record<string, unknown>; principal: Principal }[];
  /** Functions by name. */
  readonly functions: Map<string, FakeFunction>;
  /** Operations of further services: `dynamodb:GetItem`. */
  readonly answers: Map<string, (input: never) => unknown>;
  states<Output = Record<string, unknown>>(operation: string, input: object): Promise<Output>;
  /** Creates a machine; answers its ARN. */
  create(definition: object, name?: string): Promise<string>;
  /** Creates, starts, runs for `seconds` of AWS time, describes. */
  run(definition: object, input?: unknown, seconds?: number): Promise<Ran>;
  describe(executionArn: string): Promise<Ran>;
  history(executionArn: string): Promise<HistoryEvent[]>;
}

interface Ran {
  readonly executionArn: string;
  readonly status: string;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

const others: Readonly<Partial<Record<ServiceName, readonly string[]>>> = {
  dynamodb: ['GetItem', 'PutItem'],
  sqs: ['SendMessage'],
  sns: ['Publish'],
  events: ['PutEvents'],
  rds: ['DescribeDBInstances'],
  s3: ['GetObject'],
};

export function newWorld(life: Partial<Life> = {}): World {
  const calls: World['calls'] = [];
  const functions: World['functions'] = new Map();
  const answers: World['answers'] = new Map();

  const standIn =
    (name: ServiceName, operations: readonly string[]): ServiceFactory =>
    () => ({
      name,
      operations: Object.fromEntries(
        operations.map((called): [string, AnyOperation] => [
          called,
          operation<Record<string, unknown>, unknown>(async (input, { principal }) => {
            calls.push({ service: name, operation: called, input, principal });
            return (await answers.get(`${name}:${called}`)?.(input as never)) ?? {};
          }),
        ]),
      ),
    });
  const lambda: ServiceFactory = () => ({
    name: 'lambda',
    operations: {
      Invoke: operation<{ FunctionName: string; Payload?: Uint8Array }, unknown>(async (input, call) => {
        const { FunctionName, Payload } = input;
        calls.push({ service: 'lambda', operation: 'Invoke', input, principal: call.principal });
        const found = functions.get(FunctionName.split(':').at(-1) ?? '') ?? functions.get('*');
        if (found === undefined) {
          throw new AwsError('ResourceNotFoundException', `Function not found: ${FunctionName}`, { status: 404 });
        }
        const text = Buffer.from(Payload ?? []).toString();
        const reply = (value: unknown) => Buffer.from(JSON.stringify(value ?? null));
        try {
          const value = await found((text === '' ? undefined : JSON.parse(text)) as never, call);
          return { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: reply(value) };
        } catch (error) {
          if (!(error instanceof FunctionFailure)) throw error;
          const { errorType, message } = error;
          return {
            StatusCode: 200,
            ExecutedVersion: '$LATEST',
            FunctionError: 'Unhandled',
            Payload: reply({ errorType, errorMessage: message }),
          };
        }
      }),
    },
  });
  const sts: ServiceFactory = (core) => ({
    name: 'sts',
    operations: {
      AssumeRole: operation<{ RoleArn: string; RoleSessionName: string }, unknown>(({ RoleArn, RoleSessionName }) => {
        if (RoleArn.endsWith('/untrusted')) throw new AwsError('AccessDenied', 'not trusted', { status: 403 });
        return {
          Credentials: {
            AccessKeyId: 'ASIAEXAMPLE',
            SecretAccessKey: 'secret',
            SessionToken: 'token',
            Expiration: new Date(core.clock.now() + 3_600_000),
          },
          AssumedRoleUser: {
            Arn: `arn:aws:sts::111122223333:assumed-role/${RoleArn.split('/').at(-1)}/${RoleSessionName}`,
          },
        };
      }),
    },
  });

  const sandbox = testSandbox(
    [
      lambda,
      sts,
      ...Object.entries(others).map(([name, operations]) => standIn(name as ServiceName, operations)),
      createStatesService,
    ],
    undefined,
    { ...life, checked: false },
  );
  const states = <Output>(called: string, input: object) => sandbox.call<Output>('states', called, input, region);
  const create = async (definition: object, name = 'machine') => {
    const { stateMachineArn } = await states<{ stateMachineArn: string }>('CreateStateMachine', {
      name,
      roleArn,
      definition: JSON.stringify(definition),
    });
    return stateMachineArn;
  };
  const describe = async (executionArn: string): Promise<Ran> => {
    const { status, output, error, cause } = await states<Record<string, string>>('DescribeExecution', {
      executionArn,
    });
    return {
      executionArn,
      status: status ?? '',
      output: output === undefined ? undefined : JSON.parse(output),
      error,
      cause,
    };
  };
  let machines = 0;
  return {
    sandbox,
    calls,
    functions,
    answers,
    states,
    create,
    describe,
    async run(definition, input = {}, seconds = 600) {
      machines += 1;
      const stateMachineArn = await create(definition, `machine-${machines}`);
      const { executionArn } = await states<{ executionArn: string }>('StartExecution', {
        stateMachineArn,
        input: JSON.stringify(input),
      });
      await sandbox.clock.advance(seconds * 1000);
      return describe(executionArn);
    },
    async history(executionArn) {
      const { events } = await states<{ events: HistoryEvent[] }>('GetExecutionHistory', {
        executionArn,
        maxResults: 1000,
      });
      return events;
    },
  };
}
