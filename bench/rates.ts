/** How many API calls a second a sandbox answers to a real SDK client, beside the same client on a stub that answers the same bytes. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { loadWorkload } from '../src/cli/load-workload.ts';
import type { Names } from '../src/workload/names.ts';
import { namesOf } from '../src/workload/names.ts';
import { deployedSandbox } from './deployed-sandbox.ts';
import type { Benchmark, Figures } from './figures.ts';
import { rounded } from './figures.ts';

const calls = 800;
const warmUp = 150;

interface Operation {
  readonly name: string;
  /** A client at an endpoint, as a call that is made again and again. */
  readonly at: (config: ClientConfig) => Caller;
}

interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

interface Caller {
  readonly call: () => Promise<unknown>;
  /** Tells every answer from now on, as it came over the wire. */
  readonly onAnswer: (tell: (answer: Wire) => void) => void;
  readonly close: () => void;
}

interface Wire {
  readonly type: string;
  readonly body: Buffer;
}

export const rates: Benchmark = {
  name: 'rates',
  does: 'API calls a second through a real SDK client',
  async run(say): Promise<Figures> {
    const { workload } = await loadWorkload(undefined);
    const sandbox = await deployedSandbox(say);
    try {
      const config: ClientConfig = {
        endpoint: sandbox.insideEndpoint,
        region: workload.recovery.region,
        credentials: {
          accessKeyId: sandbox.environment.AWS_ACCESS_KEY_ID ?? '',
          secretAccessKey: sandbox.environment.AWS_SECRET_ACCESS_KEY ?? '',
        },
      };
      const measured = [];
      for (const operation of operationsOf(namesOf(workload))) {
        say(operation.name);
        const stub = await startStub(await recorded(operation, config));
        const [here, there] = [operation.at(config), operation.at({ ...config, endpoint: stub.endpoint })];
        measured.push({
          operation: operation.name,
          one: { sandbox: await rate(here, 1), stub: await rate(there, 1) },
          eight: { sandbox: await rate(here, 8), stub: await rate(there, 8) },
        });
        here.close();
        there.close();
        await stub.stop();
      }
      return {
        title: 'API calls a second, from an SDK client in another process',
        tables: [
          {
            columns: ['', '1 in flight', 'stub', 'share', '8 in flight', 'stub', 'share'],
            rows: measured.map(({ operation, one, eight }) => [operation, ...cells(one), ...cells(eight)]),
          },
        ],
        goals: [],
        notes: [
          `${calls} calls each, after ${warmUp} to warm up, against a deployed sandbox at rest (speed 1), by its Region's own endpoint: from outside the modelled link comes on top. IAM judges every call.`,
          'The stub is a bare Node HTTP server that answers the bytes the sandbox answered: what the client alone can do.',
        ],
        data: { perSecond: measured },
      };
    } finally {
      await sandbox.stop();
    }
  },
};

const cells = ({ sandbox, stub }: { sandbox: number; stub: number }): (number | string)[] => [
  sandbox,
  stub,
  `${rounded((100 * sandbox) / stub, 0)} %`,
];

const operationsOf = (names: Names): readonly Operation[] => [
  {
    name: 'ssm GetParameter',
    at: (config) => {
      const client = new SSMClient(config);
      return caller(client, () => client.send(new GetParameterCommand({ Name: names.roleParameter })));
    },
  },
  {
    name: 'rds DescribeDBInstances',
    at: (config) => {
      const client = new RDSClient(config);
      return caller(client, () => client.send(new DescribeDBInstancesCommand({})));
    },
  },
  {
    name: 'dynamodb PutItem',
    at: (config) => {
      const client = new DynamoDBClient(config);
      let number = 0;
      return caller(client, () =>
        client.send(
          new PutItemCommand({
            TableName: names.table,
            Item: { workload: { S: 'bench' }, item: { S: `item-${number++ % 50}` }, value: { S: 'x'.repeat(200) } },
          }),
        ),
      );
    },
  },
];

/** The part of every SDK client that is used here: what sends a request over the wire. */
interface AnyClient {
  readonly config: {
    readonly requestHandler: { handle(request: never, options: never): Promise<{ response: unknown }> };
  };
  destroy(): void;
}

function caller(client: AnyClient, call: () => Promise<unknown>): Caller {
  return {
    call,
    onAnswer(tell) {
      const { requestHandler } = client.config;
      const handle = requestHandler.handle.bind(requestHandler);
      requestHandler.handle = async (request, options) => {
        const answered = await handle(request, options);
        const response = answered.response as { headers: Record<string, string>; body: Readable };
        const body = Buffer.concat((await response.body.toArray()) as Buffer[]);
        tell({ type: response.headers['content-type'] ?? '', body });
        response.body = Readable.from([body]);
        return answered;
      };
    },
    close: () => client.destroy(),
  };
}

async function recorded(operation: Operation, config: ClientConfig): Promise<Wire> {
  const asked = operation.at(config);
  let answer: Wire | undefined;
  asked.onAnswer((told) => {
    answer = told;
  });
  await asked.call();
  asked.close();
  if (answer === undefined) throw new Error(`${operation.name} had no answer.`);
  return answer;
}

/** Calls a second with `inFlight` of them at a time. */
async function rate({ call }: Caller, inFlight: number): Promise<number> {
  const many = async (count: number) => {
    let left = count;
    const lane = async () => {
      while (left-- > 0) await call();
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
  };
  await many(warmUp);
  const began = performance.now();
  await many(calls);
  return Math.round((1000 * calls) / (performance.now() - began));
}

async function startStub({ type, body }: Wire): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const script = fileURLToPath(new URL('./stub.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, type, body.toString('base64')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    endpoint: `http://127.0.0.1:${port.toString().trim()}`,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
