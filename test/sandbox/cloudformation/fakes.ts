/** Small services to deploy onto: parameters, secrets and roles that remember who asked for what, and functions given by the test. */

import type { Principal, SandboxCore, Service } from '../../../src/sandbox/contract.ts';
import { AwsError, operation } from '../../../src/sandbox/contract.ts';
import type { CloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import { createCloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import type { TestSandbox } from '../../support/test-sandbox.ts';
import { testSandbox } from '../../support/test-sandbox.ts';

export interface Recorded {
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly principal: Principal;
}

export interface Bench {
  readonly sandbox: TestSandbox;
  readonly cloudformation: CloudFormationService;
  readonly calls: Recorded[];
  /** Parameters by name. */
  readonly parameters: Map<string, string>;
  readonly secrets: Map<string, string>;
  /** Answers an error to refuse a call. */
  refuse: (operation: string, input: Record<string, unknown>) => AwsError | undefined;
  /** Seconds of AWS time each PutParameter takes. */
  slow: (name: string) => number;
  invoked: (event: Record<string, unknown>) => void | Promise<void>;
  call<Output = Record<string, unknown>>(operation: string, input: object, principal?: Principal): Promise<Output>;
  /** Runs AWS time until the stack is at rest; answers its status. */
  rest(stackName: string): Promise<string>;
  statusesOf(stackName: string, logicalId?: string): Promise<string[]>;
  close(): Promise<void>;
}

export function bench(): Bench {
  const calls: Recorded[] = [];
  const parameters = new Map<string, string>();
  const secrets = new Map<string, string>();
  const recorded = (name: string, handle: (input: Record<string, unknown>) => unknown) =>
    operation<Record<string, unknown>, unknown>((input, { principal }) => {
      calls.push({ operation: name, input, principal });
      const refusal = result.refuse(name, input);
      if (refusal !== undefined) throw refusal;
      return handle(input);
    });
  const service =
    (name: Service['name'], handlers: Record<string, (input: Record<string, unknown>) => unknown>) => () => ({
      name,
      operations: Object.fromEntries(Object.entries(handlers).map(([key, handle]) => [key, recorded(key, handle)])),
    });

  let core: SandboxCore | undefined;
  const ssm = service('ssm', {
    async PutParameter(input) {
      const name = String(input.Name);
      if (parameters.has(name) && input.Overwrite !== true) {
        throw new AwsError('ParameterAlreadyExists', 'The parameter already exists.');
      }
      const seconds = result.slow(name);
      if (seconds > 0) await new Promise<void>((resolve) => core?.clock.after(seconds * 1000, resolve));
      parameters.set(name, String(input.Value));
      return { Version: 1 };
    },
    GetParameters: ({ Names }) => ({
      Parameters: (Names as string[]).flatMap((Name) => {
        const Value = parameters.get(Name);
        return Value === undefined ? [] : [{ Name, Value }];
      }),
    }),
    GetParameter({ Name }) {
      const Value = parameters.get(String(Name));
      if (Value === undefined) throw new AwsError('ParameterNotFound', `Parameter ${String(Name)} not found.`);
      return { Parameter: { Name, Value, Type: 'String' } };
    },
    DeleteParameter({ Name }) {
      if (!parameters.delete(String(Name))) throw new AwsError('ParameterNotFound', '');
      return {};
    },
    AddTagsToResource: () => ({}),
    RemoveTagsFromResource: () => ({}),
  });
  const secretsmanager = service('secretsmanager', {
    GetSecretValue: ({ SecretId }) => ({ SecretString: secrets.get(String(SecretId)) }),
  });
  const sts = service('sts', {
    AssumeRole({ RoleArn }) {
      if (String(RoleArn).endsWith('/missing')) throw new AwsError('AccessDenied', 'no');
      return {
        AssumedRoleUser: { Arn: `arn:aws:sts::111122223333:assumed-role/${String(RoleArn).split('/').at(-1)}/x` },
      };
    },
  });
  const lambda = service('lambda', {
    Invoke({ Payload }) {
      void result.invoked(JSON.parse(Buffer.from(Payload as Uint8Array).toString('utf8')) as Record<string, unknown>);
      return { StatusCode: 202 };
    },
  });
  const s3 = service('s3', {
    GetObject: ({ Bucket, Key }) => ({
      Body: Buffer.from(parameters.get(`s3://${String(Bucket)}/${String(Key)}`) ?? ''),
    }),
  });
  const logs = service('logs', { CreateLogGroup: () => ({}), DeleteLogGroup: () => ({}) });
  const sandbox = testSandbox([logs, ssm, secretsmanager, sts, lambda, s3]);
  core = sandbox.core;
  const cloudformation = createCloudFormationService(sandbox.core);
  sandbox.dispatcher.register(cloudformation);

  const call: Bench['call'] = (name, input, principal) =>
    sandbox.call('cloudformation', name, input, 'us-east-1', principal);
  const result: Bench = {
    sandbox,
    cloudformation,
    calls,
    parameters,
    secrets,
    refuse: () => undefined,
    slow: () => 0,
    invoked: () => {},
    call,
    async rest(stackName) {
      for (;;) {
        await sandbox.clock.advance(1000);
        const { Stacks } = await call<{ Stacks: { StackStatus: string }[] }>('DescribeStacks', {
          StackName: stackName,
        });
        const status = Stacks[0]?.StackStatus ?? '';
        if (!status.endsWith('IN_PROGRESS')) {
          await cloudformation.idle();
          return status;
        }
      }
    },
    async statusesOf(stackName, logicalId) {
      const { StackEvents } = await call<{ StackEvents: { LogicalResourceId: string; ResourceStatus: string }[] }>(
        'DescribeStackEvents',
        { StackName: stackName },
      );
      return StackEvents.toReversed()
        .filter((event) => event.LogicalResourceId === (logicalId ?? stackName))
        .map((event) => event.ResourceStatus);
    },
    close: async () => cloudformation.close?.(),
  };
  return result;
}

/** A template of SSM parameters: logical id to properties (and any resource attribute beside them). */
export const template = (resources: Record<string, object>, others: Record<string, unknown> = {}): string =>
  JSON.stringify({ ...others, Resources: resources });

export const parameter = (properties: object, others: object = {}): object => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', ...properties },
  ...others,
});
