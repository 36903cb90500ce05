/** Runs SDK clients against the sandbox without sockets: a request handler to give a client as its `requestHandler`. */

import { Readable } from 'node:stream';
import type { Place } from '../contract.ts';
import type { WireRequest, WireResponse } from '../protocols/message.ts';
import type { FrontDoor } from './front-door.ts';
import { answer } from './front-door.ts';

/** The part of the SDK's `HttpRequest` that is read here. */
interface SdkRequest {
  readonly method: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkResponse {
  readonly response: { statusCode: number; headers: Record<string, string>; body: Readable };
}

export interface InProcessHandler {
  handle(request: SdkRequest, options?: { abortSignal?: unknown }): Promise<SdkResponse>;
  readonly metadata: { readonly handlerProtocol: string };
  destroy(): void;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

/** A handler whose requests come from `from`. It serves any number of clients, and nothing needs closing. */
export function inProcessHandler(door: FrontDoor, from: Place): InProcessHandler {
  return {
    async handle(request, options = {}) {
      const signal = options.abortSignal instanceof AbortSignal ? options.abortSignal : new AbortController().signal;
      return { response: responseFrom(await answer(door, requestFrom(request), from, signal)) };
    },
    metadata: { handlerProtocol: 'http/1.1' },
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function requestFrom(request: SdkRequest): WireRequest {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  headers.host ??= request.port === undefined ? request.hostname : `${request.hostname}:${request.port}`;
  return {
    method: request.method,
    path: request.path,
    query: queryOf(request.query ?? {}),
    headers,
    body: bodyOf(request.body),
  };
}

/** As the SDK writes it on a socket, and signs it. */
function queryOf(query: NonNullable<SdkRequest['query']>): string {
  return Object.keys(query)
    .sort()
    .flatMap((name) => {
      const values = query[name] ?? '';
      return (typeof values === 'string' ? [values] : values).map((value) => `${encoded(name)}=${encoded(value)}`);
    })
    .join('&');
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

function bodyOf(body: unknown): Readable {
  if (body instanceof Readable) return body;
  const bytes =
    body instanceof Uint8Array
      ? Buffer.from(body.buffer, body.byteOffset, body.byteLength)
      : Buffer.from(typeof body === 'string' ? body : '');
  return Readable.from(bytes.length === 0 ? [] : [bytes]);
}

function responseFrom({ status, headers, body }: WireResponse): SdkResponse['response'] {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const stream =
    bytes instanceof Readable ? bytes : Readable.from(bytes === undefined || bytes.length === 0 ? [] : [bytes]);
  return { statusCode: status, headers, body: stream };
}
