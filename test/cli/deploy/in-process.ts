/** SDK clients whose calls go straight to a test sandbox, without a wire; and AWS time that runs while something is under way. */

import { Readable } from 'node:stream';
import type { AccountClients } from '../../../src/aws/account-clients.ts';
import type { Destination } from '../../../src/cli/deploy/destination.ts';
import type { Principal } from '../../../src/sandbox/contract.ts';
import { AwsError } from '../../../src/sandbox/contract.ts';
import type { TestSandbox } from '../../support/test-sandbox.ts';

interface Command {
  readonly input: Record<string, unknown>;
}

/** Answers a call in the sandbox's place, or throws; undefined lets it through. */
export type Instead = (call: {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly input: Record<string, unknown>;
}) => unknown;

const services = {
  acm: 'acm',
  cloudFormation: 'cloudformation',
  dynamoDb: 'dynamodb',
  ec2: 'ec2',
  iam: 'iam',
  rds: 'rds',
  route53: 'route53',
  s3: 's3',
  secrets: 'secretsmanager',
  ssm: 'ssm',
  stepFunctions: 'states',
  sts: 'sts',
} as const satisfies Partial<Record<keyof AccountClients, string>>;

export function inProcessClients(
  sandbox: TestSandbox,
  principal?: Principal,
  instead: Instead = () => undefined,
): (region: string) => AccountClients {
  const client = (service: string, region: string) => async () => ({
    async send(command: Command) {
      const { input } = command;
      const operation = command.constructor.name.replace(/Command$/, '');
      const body = input.Body instanceof Uint8Array ? { Body: Readable.from([input.Body]) } : {};
      try {
        const answer = await instead({ service, operation, region, input });
        return answer ?? (await sandbox.call(service, operation, { ...input, ...body }, region, principal));
      } catch (error) {
        throw error instanceof AwsError ? asSdkError(error) : error;
      }
    },
  });
  return (region) =>
    Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, client(service, region)]),
    ) as unknown as AccountClients;
}

/** As SDK clients throw them: by name. */
const asSdkError = ({ code, message }: AwsError): Error => Object.assign(new Error(message), { name: code });

export const sdkError = (name: string, message: string, status = 400): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });

/** AWS by the caller's own credentials: the bootstrap's roles are asked for. */
export const inProcessDestination = (clients: (region: string) => AccountClients): Destination => ({
  kind: 'aws',
  says: 'a test',
  clients,
  quick: clients,
  as: (region) => clients(region),
  close: async () => {},
});

/** Lets AWS time run, a second at a time, until `work` has settled. */
export async function whileTimeRuns<T>(sandbox: TestSandbox, work: Promise<T>): Promise<T> {
  let settled = false;
  const noted = work.finally(() => {
    settled = true;
  });
  noted.catch(() => {});
  while (!settled) await sandbox.clock.advance(1000);
  return noted;
}
