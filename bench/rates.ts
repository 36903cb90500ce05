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
import { type ClientConfig, many, rate } from './client.ts';
import { deployedSandbox } from './deployed-sandbox.ts';
import type { Benchmark, Figures } from './figures.ts';
import { median, rounded } from './figures.ts';
import { processorTimeOf } from './processes.ts';

const rounds = 9;
const calls = 100;
const warmUp = 150;
/** Percent of what the stub answers. */
const goal = 70;

interface Operation {
  readonly name: string;
  /** A client at an endpoint, as a call that is made again and again. */
  readonly at: (config: ClientConfig) => Caller;
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
          one: await compared(here, there, 1),
          eight: await compared(here, there, 8),
          processor: await processorTimes([
            [here, sandbox.pid],
            [there, stub.pid],
          ]),
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
          {
            columns: ['processor time a call, microseconds', 'sandbox', 'stub', 'client'],
            rows: measured.map(({ operation, processor }) => [operation, ...processor]),
          },
        ],
        goals: measured.flatMap(({ operation, one, eight }) => [
          { what: `${operation}, 1 in flight`, measured: one.share, atLeast: goal, unit: '%' as const },
          { what: `${operation}, 8 in flight`, measured: eight.share, atLeast: goal, unit: '%' as const },
        ]),
        notes: [
          `Medians of ${rounds} turns of ${calls} calls to each, after ${warmUp} to warm up; the share is the median of the turns' own. Against a deployed sandbox at rest (speed 1), by its Region's own endpoint: from outside the modelled link comes on top. IAM judges every call; AWS's own request rates are off.`,
          'The stub is a bare Node HTTP server in a process of its own that answers the bytes the sandbox answered, to the same client in the same process over connections that are kept: what the client alone can do.',
        ],
        data: { perSecond: measured },
      };
    } finally {
      await sandbox.stop();
    }
  },
};

/** Calls a second, and percent. */
interface Compared {
  readonly sandbox: number;
  readonly stub: number;
  readonly share: number;
}

/** In turns, so that a busy moment of the machine falls on both. */
async function compared(here: Caller, there: Caller, inFlight: number): Promise<Compared> {
  await many(warmUp, inFlight, here.call);
  await many(warmUp, inFlight, there.call);
  const turns: { readonly sandbox: number; readonly stub: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const [first, second] = round % 2 === 0 ? [here, there] : [there, here];
    const one = await rate(calls, inFlight, first.call);
    const other = await rate(calls, inFlight, second.call);
    turns.push(round % 2 === 0 ? { sandbox: one, stub: other } : { sandbox: other, stub: one });
  }
  return {
    sandbox: Math.round(median(turns.map(({ sandbox }) => sandbox))),
    stub: Math.round(median(turns.map(({ stub }) => stub))),
    share: rounded(100 * median(turns.map(({ sandbox, stub }) => sandbox / stub)), 0),
  };
}

/** Microseconds a call costs the server of each caller, and the client with the last: what no neighbour on the machine changes much. */
async function processorTimes(servers: readonly (readonly [Caller, number])[]): Promise<number[]> {
  const times: number[] = [];
  let client = 0;
  for (const [{ call }, pid] of servers) {
    const [before, own] = [processorTimeOf(pid), process.cpuUsage()];
    await many(rounds * calls, 1, call);
    const { user, system } = process.cpuUsage(own);
    times.push(Math.round((1000 * (processorTimeOf(pid) - before)) / (rounds * calls)));
    client = Math.round((user + system) / (rounds * calls));
  }
  return [...times, client];
}

const cells = ({ sandbox, stub, share }: Compared): (number | string)[] => [sandbox, stub, `${share} %`];

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

async function startStub({ type, body }: Wire): Promise<{ pid: number; endpoint: string; stop(): Promise<void> }> {
  const script = fileURLToPath(new URL('./stub.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, type, body.toString('base64')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    pid: child.pid ?? 0,
    endpoint: `http://127.0.0.1:${port.toString().trim()}`,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
