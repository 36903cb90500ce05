/** A sandbox on the wire, without IAM's judgement unless said: for tests of product code that calls AWS through its own client factory. */

import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { AccountClients } from '../../src/aws/account-clients.ts';
import { accountClientsFor } from '../../src/aws/account-clients.ts';
import type { ServiceFactory } from '../../src/sandbox/contract.ts';
import { outside } from '../../src/sandbox/contract.ts';
import { startGateway } from '../../src/sandbox/gateway/server.ts';
import { createAuthorizer } from '../../src/sandbox/iam/authorizer.ts';
import { administratorCredentials } from '../../src/sandbox/services/iam/administrator.ts';
import { credentials } from '../../src/sandbox/services/iam/credentials.ts';
import type { RealSandbox } from './real-sandbox.ts';
import { realSandbox } from './real-sandbox.ts';

const account = '111122223333';

export interface WiredSandbox extends AsyncDisposable {
  readonly sandbox: RealSandbox;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  clients(region: string): AccountClients;
}

/**
 * The same with every call judged. `clients` are the administrator's, `as` those of a session of a role. IAM and STS must be among the
 * factories.
 */
export async function judgedSandbox(
  factories: readonly ServiceFactory[],
): Promise<WiredSandbox & { as(role: string): Promise<WiredSandbox['clients']> }> {
  const sandbox = await realSandbox(factories, {
    account,
    gateway: (surroundings) => {
      surroundings.dispatcher.authorizer = createAuthorizer(surroundings.core).authorizer;
      return startGateway(surroundings, { credentials: (key, token) => credentials(surroundings.core, key, token) });
    },
  });
  const administrator = administratorCredentials(sandbox.core);
  const clientsAs = (who: { readonly accessKeyId: string; readonly secretAccessKey: string }) => (region: string) =>
    accountClientsFor(region, { endpoint: sandbox.core.endpoint(outside), credentials: who, requestTimeout: 20_000 });
  const clients = clientsAs(administrator);
  return {
    sandbox,
    credentials: administrator,
    clients,
    async as(role) {
      const { Credentials: given } = await (await clients('us-east-1').sts()).send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${account}:role/${role}`,
          RoleSessionName: 'test',
          DurationSeconds: 43_200,
        }),
      );
      return clientsAs({
        accessKeyId: given?.AccessKeyId ?? '',
        secretAccessKey: given?.SecretAccessKey ?? '',
        ...(given?.SessionToken === undefined ? {} : { sessionToken: given.SessionToken }),
      });
    },
    [Symbol.asyncDispose]: () => sandbox.stop(),
  };
}

export async function wiredSandbox(
  factories: readonly ServiceFactory[],
  options: Parameters<typeof realSandbox>[1] = {},
): Promise<WiredSandbox> {
  const sandbox = await realSandbox(factories, {
    ...options,
    account,
    gateway: (surroundings) =>
      startGateway(surroundings, {
        credentials: () => ({
          secretAccessKey: 'secret',
          principal: { kind: 'root', account, arn: `arn:aws:iam::${account}:root` },
        }),
      }),
  });
  const anybody = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
  return {
    sandbox,
    credentials: anybody,
    clients: (region) =>
      accountClientsFor(region, {
        endpoint: sandbox.core.endpoint(outside),
        credentials: anybody,
        requestTimeout: 20_000,
      }),
    [Symbol.asyncDispose]: () => sandbox.stop(),
  };
}
