/** The gateway: an HTTP server at every place, in front of the same front door. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../kernel/clock.ts';
import { wallClock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Place } from '../contract.ts';
import { outside } from '../contract.ts';
import type { Gateway, GatewayListener, GatewaySurroundings } from '../gateway-seam.ts';
import type { WireRequest, WireResponse } from '../protocols/message.ts';
import type { CredentialLookup } from './authenticate.ts';
import type { FrontDoor, Passage } from './front-door.ts';
import { answer } from './front-door.ts';

export interface GatewayOptions {
  readonly credentials: CredentialLookup;
  /** The clock of callers outside; the machine's unless said. */
  readonly wall?: Clock;
  /** What stands between callers in VPCs and the APIs; nothing unless said. */
  readonly passage?: Passage;
}

/** Listens on every listener; settles once all of them accept connections. Wire it as `(s) => startGateway(s, { credentials })`. */
export async function startGateway(surroundings: GatewaySurroundings, options: GatewayOptions): Promise<Gateway> {
  const door: FrontDoor = {
    core: surroundings.core,
    dispatcher: surroundings.dispatcher,
    credentials: options.credentials,
    wall: options.wall ?? wallClock,
    ...(options.passage === undefined ? {} : { passage: options.passage }),
    crossing: (from, to, signal) => surroundings.crossing(from, to, signal),
  };
  const servers = surroundings.listeners.map(({ place }) => serverAt(door, place, sourcesAt(surroundings, place)));
  const close = async (): Promise<void> => void (await Promise.all(servers.map(stop)));
  try {
    await Promise.all(servers.map((server, index) => listen(server, surroundings.listeners[index])));
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

/** Longer than clients keep idle connections, so that none sends into one that is just closing. */
const keepAlive = 75_000;

/** Who calls over the outside's listener stands outside, whatever its address; elsewhere a connection is asked once where it is from. */
function sourcesAt({ core }: GatewaySurroundings, place: Place): (socket: Socket) => string {
  if (place === outside) return ({ remoteAddress = '' }) => remoteAddress.replace('::ffff:', '');
  const known = new WeakMap<Socket, string>();
  return (socket) => {
    const source = known.get(socket) ?? core.network.sourceOf(socket);
    known.set(socket, source);
    return source;
  };
}

function serverAt(door: FrontDoor, place: Place, sourceOf: (socket: Socket) => string): Server {
  const server = createServer({ keepAliveTimeout: keepAlive, headersTimeout: keepAlive + 1000 });
  const connections = new WeakMap<Socket, AbortSignal>();
  server.on('connection', (socket: Socket) => {
    const gone = new AbortController();
    connections.set(socket, gone.signal);
    socket.once('close', () => gone.abort(new Error('The client closed its connection.')));
  });
  const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
    const gone = connections.get(incoming.socket) ?? AbortSignal.abort();
    exchange(door, { place, sourceOf, gone }, incoming, response).catch((error: unknown) => {
      door.core.log({ service: 'gateway', text: `an exchange failed: ${messageOf(error)}`, error });
      response.destroy();
    });
  };
  server.on('request', serve);
  server.on('checkContinue', serve);
  server.on('checkExpectation', (_incoming, response) => {
    response.writeHead(417, { 'content-type': 'application/xml', connection: 'close' });
    response.end(unreadable('ExpectationFailed', 'The only expectation that can be met is 100-continue.'));
  });
  server.on('clientError', (error: Error & { code?: string }, socket) => refuseUnread(error.code, socket));
  return server;
}

/** What never became a request is told so in the way of S3, whose codes these are: the service meant is unknown. */
function refuseUnread(problem: string | undefined, socket: Duplex): void {
  const [status, code, message] =
    problem === 'HPE_HEADER_OVERFLOW'
      ? ['431', 'RequestHeaderSectionTooLarge', 'The header lines of the request are too long.']
      : problem === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408', 'RequestTimeout', 'The request was not sent within the time allowed.']
        : ['400', 'BadRequest', 'The request could not be read as HTTP/1.1.'];
  if (problem === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = unreadable(code, message);
  socket.end(
    `HTTP/1.1 ${status} ${code}\r\ncontent-type: application/xml\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const unreadable = (code: string, message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

interface Vantage {
  readonly place: Place;
  readonly sourceOf: (socket: Socket) => string;
  /** Aborted when the client's connection is closed: nobody waits for an answer then. */
  readonly gone: AbortSignal;
}

async function exchange(
  door: FrontDoor,
  { place, sourceOf, gone }: Vantage,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { socket } = incoming;
    const sender = { address: sourceOf(socket), connection: socket };
    const answered = await answer(door, requestFrom(incoming, response), place, gone, sender);
    await send(response, answered);
  } catch (error) {
    if (!gone.aborted) throw error;
  } finally {
    // What the operation left of the body is read away, so that the connection can carry the next request.
    incoming.unpipe();
    incoming.resume();
  }
}

function requestFrom(incoming: IncomingMessage, response: ServerResponse): WireRequest {
  const [path = '/', ...query] = (incoming.url ?? '/').split('?');
  const headers = headersOf(incoming.rawHeaders);
  let isAwaited = headers.expect?.toLowerCase() === '100-continue';
  return {
    method: incoming.method ?? 'GET',
    path,
    query: query.join('?'),
    headers,
    get body() {
      // Asked to wait before sending the body, a client goes on once somebody wants it.
      if (isAwaited && !response.headersSent) response.writeContinue();
      isAwaited = false;
      return incoming;
    },
  };
}

/** From names and values in turns. Without a prototype: a client may send a header named `constructor`. */
function headersOf(raw: readonly string[]): Record<string, string> {
  const headers = Object.create(null) as Record<string, string>;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? '';
    const value = raw[at + 1] ?? '';
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before},${value}`;
  }
  return headers;
}

async function send(response: ServerResponse, { status, headers, body }: WireResponse): Promise<void> {
  if (body instanceof Readable) {
    response.writeHead(status, headers);
    await pipeline(body, response);
    return;
  }
  const bytes =
    body === undefined || typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes !== undefined) headers['content-length'] = String(Buffer.byteLength(bytes));
  response.writeHead(status, headers);
  response.end(bytes);
}

function listen(server: Server, listener: GatewayListener | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(listener?.port, listener?.address, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
