/**
 * Where custom resources answer: one small HTTP server per Region, on an address of that Region's network. Each request to a
 * function carries a URL of its own, good for one PUT of a JSON document, as AWS's presigned S3 URLs are.
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SandboxCore } from '../contract.ts';
import type { JsonObject } from './json.ts';
import { isObject } from './json.ts';

export interface ResponseEndpoint {
  /** A URL that takes one answer, and that answer. `cancel` makes the URL void. */
  open(region: string): Promise<{ url: string; answered: Promise<JsonObject>; cancel(): void }>;
  close(): Promise<void>;
}

interface Listener {
  readonly server: Server;
  readonly address: string;
  readonly port: number;
}

/** Answers larger than this are cut off, as AWS does: 4096 bytes of data plus what surrounds them. */
const largestAnswer = 64 * 1024;

export function responseEndpoint(core: SandboxCore): ResponseEndpoint {
  const waiting = new Map<string, (answer: JsonObject) => void>();
  const listeners = new Map<string, Promise<Listener>>();

  const listen = (region: string): Promise<Listener> => {
    const found =
      listeners.get(region) ?? start(core, region, (request, response) => accept(waiting, request, response));
    listeners.set(region, found);
    return found;
  };

  return {
    async open(region) {
      const { address, port } = await listen(region);
      const token = core.ids.uuid();
      const answered = new Promise<JsonObject>((resolve) => waiting.set(token, resolve));
      return {
        url: `http://${address}:${port}/${token}`,
        answered,
        cancel: () => waiting.delete(token),
      };
    },
    async close() {
      for (const started of listeners.values()) {
        const { server, address } = await started;
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        core.network.release(address);
      }
      listeners.clear();
    },
  };
}

async function start(
  core: SandboxCore,
  region: string,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listener> {
  const address = core.network.allocate(region);
  const server = createServer(handle);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, address, resolve));
  server.unref();
  return { server, address, port: (server.address() as AddressInfo).port };
}

function accept(
  waiting: Map<string, (answer: JsonObject) => void>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const token = (request.url ?? '/').slice(1).split('?')[0] ?? '';
  const end = (status: number, text = ''): void => {
    response.writeHead(status).end(text);
  };
  const answer = waiting.get(token);
  if (request.method !== 'PUT' || answer === undefined) {
    end(request.method === 'PUT' ? 403 : 405, 'This address takes one PUT of a custom resource response.');
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= largestAnswer) chunks.push(chunk);
  });
  request.on('end', () => {
    const document = size > largestAnswer ? undefined : parsed(Buffer.concat(chunks).toString('utf8'));
    if (document === undefined) {
      end(400, 'The response is not a JSON object, or too large.');
      return;
    }
    waiting.delete(token);
    end(200);
    answer(document);
  });
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
