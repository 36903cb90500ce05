/** The network of a sandbox: addresses, links, relays and names in one. */

import { createServer, type Socket } from 'node:net';
import {
  type DnsAnswer,
  type DnsQuestion,
  type Endpoint,
  type Exposure,
  type Network,
  type Onward,
  outside,
  type Place,
} from '../contract.ts';
import { Addresses } from './addresses.ts';
import { type DnsServer, serveDns } from './dns-server.ts';
import { Links, type RealSpan } from './links.ts';
import { type Answerer, Names } from './names.ts';
import { plainAddress, relay } from './relay.ts';

/** What a program calls from that binds no address. */
const anonymous = '127.0.0.1';
/** Ports below need privilege to bind. */
const firstFreePort = 1024;
const privilegedShift = 8000;
/** Connections of which it is remembered where they were led. */
const mostLed = 100_000;

/** Which machine opened a connection that doesn't say so. */
export interface Callers {
  /** Whether programs run that can't be told to call from their own address. */
  readonly areForeign: boolean;
  /** The machine's address. */
  machineOf(client: Endpoint, server: Endpoint): string | undefined;
}

export class SandboxNetwork implements Network {
  readonly links: Links;
  readonly #addresses: Addresses;
  readonly #names = new Names();
  readonly #exposures = new Set<Exposure>();
  readonly #led = new Map<string, Place>();
  #dns: DnsServer | undefined;

  private constructor(addresses: Addresses, links: Links) {
    this.#addresses = addresses;
    this.links = links;
  }

  /** `kept` is an earlier life's prefix, and the addresses in use by what is kept of it. */
  static async start(
    regions: readonly string[],
    realSpan: RealSpan,
    kept?: { readonly prefix: string; readonly taken: Iterable<string> },
  ): Promise<SandboxNetwork> {
    const addresses = await Addresses.claim(regions, kept?.prefix);
    for (const address of kept?.taken ?? []) addresses.take(address);
    const network = new SandboxNetwork(addresses, new Links(regions, realSpan));
    // Names are answered by infrastructure outside all Regions, to whoever isn't in the dark.
    network.#dns = await serveDns(network.allocate(outside), network.#names, (address) => {
      const place = network.placeOf(address);
      return network.links.isDark(place) ? undefined : place;
    });
    return network;
  }

  /** "127.R.": what all addresses of this sandbox begin with. */
  get prefix(): string {
    return this.#addresses.prefix;
  }

  get dns(): Endpoint {
    return { host: this.#dns?.host ?? '', port: this.#dns?.port ?? 0 };
  }

  allocate(place: Place): string {
    return this.#addresses.allocate(place);
  }

  release(address: string): void {
    this.#addresses.release(address);
  }

  /** Takes an address known from before. Answers whether nobody has it. */
  take(address: string): boolean {
    return this.#addresses.take(address);
  }

  /** Whoever knows the machines. */
  callers: Callers = { areForeign: false, machineOf: () => undefined };

  sourceOf(socket: Socket): string {
    const { remoteAddress, remotePort: port = 0, localAddress, localPort = 0 } = socket;
    const host = plainAddress(remoteAddress);
    if (host !== anonymous) return host;
    return this.callers.machineOf({ host, port }, { host: plainAddress(localAddress), port: localPort }) ?? host;
  }

  placeOf(address: string): Place {
    return this.#addresses.placeOf(address);
  }

  boundPort(port: number): number {
    return port < firstFreePort ? port + privilegedShift : port;
  }

  async expose(options: Parameters<Network['expose']>[0]): Promise<Exposure> {
    const { place, address, port, to, from, admit } = options;
    const exposure = await relay(this.links, {
      place,
      address,
      port,
      boundPort: this.boundPort(port),
      to: typeof to === 'function' ? (source, client) => this.#remember(client, to(source)) : to,
      // To ask for every person's connection would cost too much where all programs call from addresses of their own.
      source: (socket) => (this.callers.areForeign ? this.sourceOf(socket) : plainAddress(socket.remoteAddress)),
      from: from === undefined ? (source) => this.placeOf(source) : () => from,
      admit: admit ?? (() => true),
    });
    this.#exposures.add(exposure);
    return {
      ...exposure,
      close: async () => {
        this.#exposures.delete(exposure);
        await exposure.close();
      },
    };
  }

  /** Where the last connection from a client's own address and port was led, if where it went was decided when it was opened. */
  ledTo({ host, port }: Endpoint): Place | undefined {
    return this.#led.get(`${host}:${port}`);
  }

  #remember({ host, port }: Endpoint, onward: Onward | undefined): Onward | undefined {
    if (onward === undefined) return undefined;
    this.#led.set(`${host}:${port}`, this.placeOf(onward.host));
    if (this.#led.size > mostLed) this.#led.delete([...this.#led.keys()][0] ?? '');
    return onward;
  }

  reachable(from: Place, to: Place): boolean {
    return this.links.reachable(from, to);
  }

  delay(from: Place, to: Place): number {
    return this.links.delay(from, to);
  }

  crossing(from: Place, to: Place, signal?: AbortSignal): Promise<void> {
    return this.links.crossing(from, to, signal);
  }

  name(name: string, answer: Answerer): void {
    this.#names.name(name, answer);
  }

  zone(suffix: string, answer: Answerer): void {
    this.#names.zone(suffix, answer);
  }

  unname(name: string): void {
    this.#names.unname(name);
  }

  resolve(name: string, type: DnsQuestion['type'], from: Place): DnsAnswer | undefined {
    return this.#names.resolve(name, type, from);
  }

  /** A port of `address` that is free now: the preferred one, if it is. */
  async freePort(address: string, preferred = 0): Promise<number> {
    const server = createServer();
    const listen = (port: number) =>
      new Promise<boolean>((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) =>
          error.code === 'EADDRINUSE' && port !== 0 ? resolve(false) : reject(error),
        );
        server.listen(port, address, () => resolve(true));
      });
    if (!(await listen(preferred))) await listen(0);
    const bound = server.address();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    if (typeof bound !== 'object' || bound === null) throw new Error(`No free port on ${address}.`);
    return bound.port;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#exposures].map((exposure) => exposure.close()));
    await this.#dns?.close();
    await this.#addresses.close();
  }
}
