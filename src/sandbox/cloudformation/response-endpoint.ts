/**
 * Where custom resources answer: one small HTTP server per Region, on an address of that Region's network. Each request to a
 * function carries a URL of its own, good for one PUT of a JSON document, as AWS's presigned S3 URLs are.
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { globalScope, type SandboxCore, type Table } from '../contract.ts';
import type { JsonObject } from './json.ts';
import { isObject } from './json.ts';

export interface ResponseEndpoint {
  /**
   * The URL that takes the one answer to a request, and that answer. A request of an earlier life has the URL it had, and the answer that
   * came meanwhile. `close` makes the URL void.
   */
  open(region: string, request: string): Promise<{ url: string; answered: Promise<JsonObject>; close(): void }>;
  /** Listens again where an earlier life did. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** What is asked, by the request's id, and the answer once there is one: nobody who was told that it arrived says it again. */
interface AskedRow {
  readonly answer?: JsonObject;
}

/** Where a Region's answers arrive. */
interface PlaceRow {
  readonly address: string;
  readonly port: number;
}

/** Answers larger than this are cut off, as AWS does: 4096 bytes of data plus what surrounds them. */
const largestAnswer = 64 * 1024;

const asked = (core: SandboxCore, region: string): Table<AskedRow> =>
  core.table<AskedRow>('cloudformation', region, 'asked');
const places = (core: SandboxCore): Table<PlaceRow> =>
  core.table<PlaceRow>('cloudformation', globalScope, 'answer places');

export function responseEndpoint(core: SandboxCore): ResponseEndpoint {
  const waiting = new Map<string, (answer: JsonObject) => void>();
  const listeners = new Map<string, Promise<Server>>();

  const listen = async (region: string): Promise<PlaceRow> => {
    const found = listeners.get(region) ?? start(core, region, (...exchange) => accept(region, ...exchange));
    listeners.set(region, found);
    await found;
    return places(core).get(region) as PlaceRow;
  };

  function accept(region: string, request: IncomingMessage, response: ServerResponse): void {
    const id = (request.url ?? '/').slice(1).split('?')[0] ?? '';
    const end = (status: number, text = ''): void => {
      response.writeHead(status).end(text);
    };
    const row = asked(core, region).get(id);
    if (request.method !== 'PUT' || row === undefined || row.answer !== undefined) {
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
      const answer = size > largestAnswer ? undefined : parsed(Buffer.concat(chunks).toString('utf8'));
      if (answer === undefined) {
        end(400, 'The response is not a JSON object, or too large.');
        return;
      }
      asked(core, region).update(id, () => ({ answer }));
      core.onceKept(() => end(200));
      waiting.get(id)?.(answer);
    });
  }

  return {
    async open(region, request) {
      const { address, port } = await listen(region);
      const { answer } = asked(core, region).get(request) ?? asked(core, region).put(request, {});
      const answered =
        answer === undefined
          ? new Promise<JsonObject>((resolve) => waiting.set(request, resolve))
          : Promise.resolve(answer);
      return {
        url: `http://${address}:${port}/${request}`,
        answered,
        close() {
          waiting.delete(request);
          asked(core, region).delete(request);
        },
      };
    },
    async resume() {
      for (const [region] of places(core).entries()) await listen(region);
    },
    async close() {
      for (const started of listeners.values()) {
        const server = await started;
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      listeners.clear();
    },
  };
}

/** Where it was before, if that can still be had: URLs that were handed out stay good. */
async function start(
  core: SandboxCore,
  region: string,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const known = places(core).get(region);
  const address = known?.address ?? core.network.allocate(region);
  const server = createServer(handle);
  const listening = (port: number) =>
    new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, address, resolve));
  await listening(known?.port ?? 0).catch((error: NodeJS.ErrnoException) => {
    if (known === undefined || error.code !== 'EADDRINUSE') throw error;
    return listening(0);
  });
  server.unref();
  places(core).put(region, { address, port: (server.address() as AddressInfo).port });
  return server;
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
