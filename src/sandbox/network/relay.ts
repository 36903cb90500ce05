/**
 * TCP between places: what a client sends to an exposed address reaches the target after the link's delay, and the other way round.
 *
 *  1. Bytes keep their order and none is dropped; a direction that can't deliver stops reading, so the sender feels it.
 *  2. While a direction is unreachable its bytes, and the news of a closed end, stay where they are. Nothing is refused, nothing closed.
 *  3. A connection is opened only once both directions are reachable: until then the client waits on an accepted, silent connection.
 *  4. An end that died in a dark place is reset towards the other when the place is back: what a returned host answers to old peers.
 */

import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Endpoint, Exposure, Onward, Place } from '../contract.ts';
import { Direction } from './direction.ts';
import type { Links } from './links.ts';

export interface RelayOptions {
  readonly place: Place;
  readonly address: string;
  readonly port: number;
  readonly boundPort: number;
  readonly to: Endpoint | undefined | ((sourceAddress: string, client: Endpoint) => Onward | undefined);
  /** The address a connection counts as coming from. */
  readonly source: (client: Socket) => string;
  readonly from: (sourceAddress: string) => Place;
  readonly admit: (sourceAddress: string) => boolean;
}

export async function relay(links: Links, options: RelayOptions): Promise<Exposure> {
  let target = options.to;
  const connections = new Set<Connection>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const source = options.source(client);
    const connection = new Connection(links, client, source, options.from(source), options.place, () =>
      connections.delete(connection),
    );
    connections.add(connection);
    const from = { host: plainAddress(client.remoteAddress), port: client.remotePort ?? 0 };
    if (options.admit(source)) connection.open(() => (typeof target === 'function' ? target(source, from) : target));
  });
  await listen(server, options.address, options.boundPort);

  const dropConnections = () => {
    for (const connection of connections) connection.drop();
  };
  return {
    address: options.address,
    port: options.port,
    boundPort: options.boundPort,
    retarget: (to) => {
      target = to;
    },
    dropConnections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        dropConnections();
      }),
  };
}

class Connection {
  readonly #links: Links;
  readonly #client: Socket;
  readonly #source: string;
  readonly #from: Place;
  readonly #place: Place;
  readonly #over: () => void;
  readonly #there: Direction;
  readonly #givenUp = new AbortController();
  #server: Socket | undefined;
  #back: Direction | undefined;
  #unwatch: (() => void) | undefined;

  constructor(links: Links, client: Socket, source: string, from: Place, place: Place, over: () => void) {
    this.#links = links;
    this.#client = client;
    this.#source = source;
    this.#from = from;
    this.#place = place;
    this.#over = over;
    client.on('error', () => {});
    client.once('close', () => this.#settle());
    // Who ends a connection that was never opened has given up: on a real network it would not exist.
    client.once('end', () => {
      if (this.#server === undefined && !this.#handshakes) this.drop();
    });
    this.#there = new Direction(links, from, place, client);
  }

  open(target: () => Onward | undefined): void {
    this.#handshake(target).catch(() => this.drop());
  }

  drop(): void {
    this.#client.resetAndDestroy();
    this.#server?.resetAndDestroy();
    this.#forget();
  }

  get #handshakes(): boolean {
    return this.#links.reachable(this.#from, this.#place) && this.#links.reachable(this.#place, this.#from);
  }

  async #handshake(target: () => Onward | undefined): Promise<void> {
    const { signal } = this.#givenUp;
    // There, back, and there again before the server hears of it.
    await this.#links.crossing(this.#from, this.#place, signal);
    await this.#links.crossing(this.#place, this.#from, signal);
    await this.#links.crossing(this.#from, this.#place, signal);
    const to = target();
    if (to === undefined || this.#client.destroyed) {
      this.drop();
      return;
    }
    // The server sees who calls: any 127/8 address can be a source.
    const from = to.from ?? this.#source;
    const localAddress = from.startsWith('127.') ? { localAddress: from } : {};
    const server = connect({ host: to.host, port: to.port, ...localAddress, allowHalfOpen: true, noDelay: true });
    server.on('error', () => {});
    server.once('close', () => this.#settle());
    this.#server = server;
    const back = new Direction(this.#links, this.#place, this.#from, server);
    this.#back = back;
    this.#unwatch = this.#links.onChange(() => {
      this.#there.move();
      back.move();
    });
    this.#there.deliverTo(server);
    back.deliverTo(this.#client);
  }

  /** An end is closed. The connection is over when both are, or when there never was another. */
  #settle(): void {
    if (this.#server === undefined || (this.#server.destroyed && this.#client.destroyed)) this.#forget();
  }

  #forget(): void {
    this.#givenUp.abort();
    this.#unwatch?.();
    this.#there.stop();
    this.#back?.stop();
    this.#over();
  }
}

export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
