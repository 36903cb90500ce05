/** A gateway on free loopback ports in front of services that answer as told and remember what they were asked. */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { wallClock } from '../../../src/kernel/clock.ts';
import type { AnyOperation, Call, Place, Principal, Service, ServiceName } from '../../../src/sandbox/contract.ts';
import type { CredentialLookup } from '../../../src/sandbox/gateway/authenticate.ts';
import type { FrontDoor } from '../../../src/sandbox/gateway/front-door.ts';
import { startGateway } from '../../../src/sandbox/gateway/server.ts';
import { servicesOnTheWire } from '../../../src/sandbox/protocols/api.ts';
import { testSandbox } from '../../support/test-sandbox.ts';

export interface Asked {
  readonly service: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly call: Call;
}

export interface World {
  readonly door: FrontDoor;
  /** Requests that reached a service, oldest first. */
  readonly asked: Asked[];
  /** What went to the sandbox's log. */
  readonly logged: string[];
  /** Sets the answer of an operation. */
  on(name: `${string}:${string}`, handle: (input: never, call: Call) => unknown): void;
  /** Settings for an SDK client that calls over a socket from outside. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  /** Forgets the answers set. */
  reset(): void;
  endpoint(place: Place): string;
  /** While a pair is here, nothing gets from the one to the other. */
  readonly cut: Set<string>;
  close(): Promise<void>;
}

export const accessKeyId = 'AKIDPILOTLIGHTTEST00';
export const secretAccessKey = 'a+secret/with/slashes';
export const sessionToken = 'session-token';

const principal: Principal = {
  kind: 'user',
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/ada',
  userName: 'ada',
};

const credentials: CredentialLookup = (key, token) => {
  if (key === 'ASIAEXPIRED000000000') return 'expired';
  const isUser = key === accessKeyId && token === undefined;
  const isSession = key === 'ASIAPILOTLIGHTTEST00' && token === sessionToken;
  return isUser || isSession ? { secretAccessKey, principal } : undefined;
};

/** `checked`: whether inputs are held to the services' models. Without it any value travels, which is what the wire's tests send. */
export async function startWorld(places: readonly Place[] = ['outside'], { checked = false } = {}): Promise<World> {
  const { core, dispatcher, clock } = testSandbox([], undefined, { checked });
  // The sandbox's time is a year from the machine's: a signature made by either must do.
  await clock.advance(365 * 86_400_000);
  const [asked, logged, cut]: [Asked[], string[], Set<string>] = [[], [], new Set()];
  const handlers = new Map<string, (input: never, call: Call) => unknown>();
  for (const name of servicesOnTheWire) dispatcher.register(toldService(name, handlers, asked));

  const crossing = async (from: Place, to: Place, signal?: AbortSignal): Promise<void> => {
    if (!cut.has(`${from}>${to}`)) return;
    await new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
  };
  const listeners = await Promise.all(
    places.map(async (place) => ({ place, address: '127.0.0.1', port: await freePort() })),
  );
  const watched = { ...core, log: ({ text }: { text: string }) => void logged.push(text) };
  const gateway = await startGateway({ core: watched, dispatcher, listeners, crossing }, { credentials });
  const endpoint = (place: Place): string =>
    `http://127.0.0.1:${listeners.find((listener) => listener.place === place)?.port}`;

  return {
    door: { core: watched, dispatcher, credentials, wall: wallClock, crossing },
    asked,
    logged,
    cut,
    on: (name, handle) => void handlers.set(name, handle),
    reset: () => handlers.clear(),
    client: {
      endpoint: endpoint(places[0] ?? 'outside'),
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
    },
    endpoint,
    close: () => gateway.close(),
  };
}

function toldService(
  name: ServiceName,
  handlers: Map<string, (input: never, call: Call) => unknown>,
  asked: Asked[],
): Service {
  const operation = (operationName: string): AnyOperation => ({
    handle(input, call) {
      asked.push({ service: name, operation: operationName, input, call });
      const handle = handlers.get(`${name}:${operationName}`);
      return handle === undefined ? {} : handle(input as never, call);
    },
  });
  const operations = new Proxy<Record<string, AnyOperation>>(
    {},
    { get: (_target, property) => (property === 'Unsupported' ? undefined : operation(String(property))) },
  );
  return { name, operations };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
