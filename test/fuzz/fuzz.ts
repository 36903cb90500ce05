/**
 * Sends drawn requests to a sandbox and judges each answer. Request n of a seed is always the same, so a failure is sent again by its
 * number alone; what the sandbox holds by then can differ, and a failure that needs it is found by running up to that number.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Api } from '../../src/sandbox/protocols/api.ts';
import { Connection } from './connection.ts';
import type { Damaged } from './damage.ts';
import { damage } from './damage.ts';
import { drawOf } from './draw.ts';
import { encode } from './encode.ts';
import { sign } from './sign.ts';
import { inputFor } from './values.ts';
import { codeIn, complaint } from './verdict.ts';
import type { FuzzWorld } from './world.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** The numbers of the requests to send. */
  readonly from: number;
  readonly to: number;
  readonly concurrency: number;
  onProgress?(done: number): void;
}

export interface Failure {
  readonly index: number;
  readonly why: string;
  readonly request: string;
}

export interface FuzzReport {
  readonly failures: readonly Failure[];
  /** How many answers there were of each status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly codes: Readonly<Record<string, number>>;
  /** Bytes of heap that are held after, and weren't before; and the bytes of what was accepted in between. */
  readonly held: number;
  readonly accepted: number;
}

const patience = 20_000;

export async function fuzz(world: FuzzWorld, options: FuzzOptions): Promise<FuzzReport> {
  const failures: Failure[] = [];
  const [statuses, codes]: [Record<string, number>, Record<string, number>] = [{}, {}];
  let accepted = 0;
  let next = options.from;
  let done = 0;
  const worker = async (): Promise<void> => {
    const connection = new Connection(world.endpoint);
    for (let index = next++; index < options.to; index = next++) {
      const drawn = drawRequest(world, options.seed, index);
      const { bytes, cut } = wireOf(world, drawn);
      const answer = await connection.exchange(bytes, drawn.request.method, cut, patience);
      const why = complaint(drawn.request.method, answer, cut);
      if (why !== undefined)
        failures.push({ index, why, request: `${described(drawn, bytes, answer)}\n${world.errors().join('\n')}` });
      const status = answer === undefined ? 'none' : 'closed' in answer ? 'closed' : String(answer.status);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (answer !== undefined && 'status' in answer && answer.status >= 400) {
        const code = codeIn(answer) ?? '';
        codes[code] = (codes[code] ?? 0) + 1;
      } else accepted += bytes.length;
      options.onProgress?.(++done);
    }
    connection.close();
  };
  const crashes = watchCrashes((error) =>
    failures.push({
      index: next,
      why: 'the process would have crashed',
      request: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  const before = heapHeld();
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  const held = heapHeld() - before;
  crashes.stop();
  for (const text of world.errors()) failures.push({ index: -1, why: 'the sandbox logged an error', request: text });
  return { failures, statuses, codes, held, accepted };
}

function drawRequest(world: FuzzWorld, seed: number, index: number): Damaged {
  const draw = drawOf(seed, index);
  const api = draw.of(world.apis);
  const operation = operationOf(
    api,
    draw.once(12) ? [...api.operations.keys()] : (world.served.get(api.service) ?? []),
    (names) => draw.of(names),
  );
  const request = encode(draw, api, operation, inputFor(draw, operation.input, world.known));
  return damage(draw, request);
}

function operationOf(api: Api, names: readonly string[], choose: (names: readonly string[]) => string) {
  const name = choose(names);
  const operation = api.operations.get(name);
  if (operation === undefined) throw new Error(`${api.service} has no operation ${name}.`);
  return operation;
}

function wireOf(world: FuzzWorld, { request, sending }: Damaged): { bytes: Buffer; cut: boolean } {
  const headers = sign(world.keys, new URL(world.endpoint).host, request, sending);
  const length = sending.contentLength ?? String(request.body.length);
  const target = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const head = [
    `${request.method} ${target} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${length}`,
    ...sending.lines,
    '',
    '',
  ].join('\r\n');
  const cut = sending.cutAt !== undefined || sending.contentLength !== undefined || sending.lines.length > 0;
  const body = sending.cutAt === undefined ? request.body : request.body.subarray(0, sending.cutAt);
  return { bytes: Buffer.concat([Buffer.from(head, 'latin1'), body]), cut };
}

const longest = 4000;

function described({ request, damage: kinds }: Damaged, bytes: Buffer, answer: unknown): string {
  const said =
    answer !== undefined && answer !== null && typeof answer === 'object' && 'body' in answer
      ? String(answer.body)
      : '';
  const sent = bytes.toString('latin1').slice(0, longest);
  return `${request.service} ${request.method}, ${kinds.join(' and ') || 'undamaged'}\n${JSON.stringify(sent)}\n${said.slice(0, 500)}`;
}

function watchCrashes(onCrash: (error: unknown) => void): { stop(): void } {
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  return {
    stop() {
      process.off('uncaughtException', onCrash);
      process.off('unhandledRejection', onCrash);
    },
  };
}

function heapHeld(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}
