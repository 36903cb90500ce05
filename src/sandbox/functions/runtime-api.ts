/**
 * The Lambda Runtime API, one server for each Region. Hosts are told apart by the first part of the path.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Invocation } from './function-image.ts';

/** What a host says, as it says it. */
export interface HostListener {
  /** It asks for its next invocation: it is idle. */
  ready(): void;
  initError(payload: string): void;
  response(requestId: string, payload: string, maxMemoryKilobytes: number): void;
  error(requestId: string, payload: string, maxMemoryKilobytes: number): void;
}

export interface HostLine {
  /** The value of AWS_LAMBDA_RUNTIME_API. */
  readonly authority: string;
  /** Answers the host's question for its next invocation: the pending one, or the one it is about to ask. */
  hand(invocation: Invocation, deadline: number): void;
  close(): void;
}

export class RuntimeApi {
  readonly #server: Server;
  readonly #authority: string;
  readonly #listeners = new Map<string, HostListener>();
  readonly #waiting = new Map<string, ServerResponse>();
  readonly #ahead = new Map<string, (response: ServerResponse) => void>();

  private constructor(server: Server, authority: string) {
    this.#server = server;
    this.#authority = authority;
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  static async start(address: string): Promise<RuntimeApi> {
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, address, resolve);
    });
    server.unref();
    const bound = server.address();
    if (typeof bound !== 'object' || bound === null) throw new Error(`The Runtime API has no port on ${address}.`);
    return new RuntimeApi(server, `${address}:${bound.port}`);
  }

  attach(id: string, listener: HostListener): HostLine {
    this.#listeners.set(id, listener);
    return {
      authority: `${this.#authority}/${id}`,
      hand: (invocation, deadline) => {
        const send = (response: ServerResponse): void => {
          response.writeHead(200, headersOf(invocation, deadline));
          response.end(invocation.payload);
        };
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        if (waiting === undefined) this.#ahead.set(id, send);
        else send(waiting);
      },
      close: () => {
        this.#listeners.delete(id);
        this.#waiting.get(id)?.destroy();
        this.#waiting.delete(id);
        this.#ahead.delete(id);
      },
    };
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id = '', , , ...rest] = (request.url ?? '').split('/');
    const listener = this.#listeners.get(id);
    if (listener === undefined) {
      response.writeHead(404).end();
      return;
    }
    const what = rest.join('/');
    if (what === 'invocation/next') {
      const send = this.#ahead.get(id);
      this.#ahead.delete(id);
      if (send === undefined) this.#waiting.set(id, response);
      else send(response);
      listener.ready();
      return;
    }
    const body = await bodyOf(request);
    const memory = Number(request.headers['sandbox-max-memory-kb'] ?? 0);
    const [, requestId = '', outcome = ''] = rest;
    response.writeHead(202).end();
    if (what === 'init/error') listener.initError(body);
    else if (outcome === 'response') listener.response(requestId, body, memory);
    else listener.error(requestId, body, memory);
  }
}

const headersOf = ({ requestId, invokedArn, clientContext }: Invocation, deadline: number): Record<string, string> => ({
  'content-type': 'application/json',
  'lambda-runtime-aws-request-id': requestId,
  'lambda-runtime-deadline-ms': String(Math.round(deadline)),
  'lambda-runtime-invoked-function-arn': invokedArn,
  ...(clientContext === undefined ? {} : { 'lambda-runtime-client-context': clientContext }),
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
