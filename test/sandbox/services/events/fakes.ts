/** Stand-ins for services that EventBridge and its relatives deliver to: they record what reaches them. */

import type { Call, SandboxCore, Service, ServiceName } from '../../../../src/sandbox/contract.ts';
import { AwsError, operation } from '../../../../src/sandbox/contract.ts';

export interface Received {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly by: string;
  readonly input: Record<string, unknown>;
}

export interface Fakes {
  readonly received: Received[];
  /** The resource policy of every function, queue and topic of the fakes; none unless set. */
  policy: string | undefined;
  /** Thrown by deliveries while set. */
  failure: AwsError | undefined;
  readonly factories: ((core: SandboxCore) => Service)[];
}

/** Lambda, Step Functions, SQS and STS. Queues are named by their URL; the role `nobody` can't be assumed. */
export function fakes(): Fakes {
  const state: Fakes = { received: [], policy: undefined, failure: undefined, factories: [] };
  const by = ({ principal }: Call): string => (principal.kind === 'role' ? principal.roleName : principal.arn);
  const recorder = (service: ServiceName, name: string, output: object) =>
    operation<Record<string, unknown>, object>((input, call) => {
      if (state.failure !== undefined) throw state.failure;
      state.received.push({ service, operation: name, region: call.region, by: by(call), input });
      return output;
    });
  const policyOf = (): string => {
    if (state.policy === undefined) throw new AwsError('ResourceNotFoundException', 'No policy.', { status: 404 });
    return state.policy;
  };

  state.factories.push(
    () => ({
      name: 'lambda',
      operations: {
        GetPolicy: operation(() => ({ Policy: policyOf() })),
        Invoke: recorder('lambda', 'Invoke', { StatusCode: 202 }),
      },
    }),
    () => ({ name: 'states', operations: { StartExecution: recorder('states', 'StartExecution', {}) } }),
    () => ({
      name: 'sqs',
      operations: {
        GetQueueUrl: operation<{ QueueName: string }, object>(({ QueueName }) => ({
          QueueUrl: `http://queue/${QueueName}`,
        })),
        GetQueueAttributes: operation(() => ({
          Attributes: state.policy === undefined ? {} : { Policy: state.policy },
        })),
        SendMessage: recorder('sqs', 'SendMessage', { MessageId: '1' }),
      },
    }),
    (core) => ({
      name: 'sts',
      operations: {
        AssumeRole: operation<{ RoleArn: string; RoleSessionName: string }, object>(({ RoleArn, RoleSessionName }) => {
          const role = RoleArn.split('/').at(-1);
          if (role === 'nobody') throw new AwsError('AccessDenied', 'No trust.', { status: 403 });
          return {
            Credentials: {
              AccessKeyId: 'A',
              SecretAccessKey: 'S',
              SessionToken: 'T',
              Expiration: new Date(core.clock.now() + 3_600_000),
            },
            AssumedRoleUser: { Arn: `arn:aws:sts::${core.account}:assumed-role/${role}/${RoleSessionName}` },
          };
        }),
      },
    }),
  );
  return state;
}

/** A resource policy that lets a service do anything, for things it does on behalf of `sourceArn`. */
export const letting = (service: string, sourceArn = '*'): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: '*',
        Resource: '*',
        Condition: { ArnLike: { 'aws:SourceArn': sourceArn } },
      },
    ],
  });

/** What a function was invoked with. */
export const payloadOf = ({ input }: Received): unknown =>
  JSON.parse(Buffer.from(input.Payload as Uint8Array).toString());
