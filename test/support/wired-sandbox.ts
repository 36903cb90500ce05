/** A sandbox on the wire without IAM's judgement: for tests of product code that calls AWS through its own client factory. */

import type { Clients } from '../../src/aws/clients.ts';
import { clientsFor } from '../../src/aws/clients.ts';
import type { ServiceFactory } from '../../src/sandbox/contract.ts';
import { outside } from '../../src/sandbox/contract.ts';
import { startGateway } from '../../src/sandbox/gateway/server.ts';
import type { RealSandbox } from './real-sandbox.ts';
import { realSandbox } from './real-sandbox.ts';

const account = '111122223333';

export interface WiredSandbox extends AsyncDisposable {
  readonly sandbox: RealSandbox;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  clients(region: string): Clients;
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
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
  return {
    sandbox,
    credentials,
    clients: (region) =>
      clientsFor(region, { endpoint: sandbox.core.endpoint(outside), credentials, requestTimeout: 20_000 }),
    [Symbol.asyncDispose]: () => sandbox.stop(),
  };
}
