/**
 * Addresses of the sandbox: 127.R.x.n, where R is the sandbox's own and x says the place. Two sandboxes on one machine never share an
 * R: who uses one holds an abstract socket with its name, which the kernel frees however the holder dies.
 */

import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { usageError } from '../../kernel/errors.ts';
import { outside, type Place } from '../contract.ts';

export class Addresses {
  /** "127.R." */
  readonly prefix: string;
  readonly #claim: Server;
  readonly #places: readonly Place[];
  readonly #taken = new Set<string>();
  readonly #next = new Map<Place, number>();

  private constructor(prefix: string, claim: Server, regions: readonly string[]) {
    this.prefix = prefix;
    this.#claim = claim;
    this.#places = [outside, ...regions];
  }

  /** `kept` is the prefix of an earlier life: addresses in its rows, and in others' environment files, are of that network. */
  static async claim(regions: readonly string[], kept?: string): Promise<Addresses> {
    if (kept !== undefined) {
      const claim = await tryClaim(Number(kept.split('.')[1]));
      if (claim !== undefined) return new Addresses(kept, claim, regions);
      throw usageError("Another sandbox on this machine uses the network that this one's addresses are of.", {
        given: `${kept}0.0/16`,
        next: 'Stop the other sandbox (`pilot-light sandbox status` shows its endpoint), or start this one later.',
      });
    }
    const first = randomInt(2, 255);
    for (let step = 0; step < 253; step++) {
      const candidate = 2 + ((first - 2 + step) % 253);
      const claim = await tryClaim(candidate);
      if (claim !== undefined) return new Addresses(`127.${candidate}.`, claim, regions);
    }
    throw usageError('All 253 networks for sandboxes are in use on this machine.', {
      next: 'Stop a sandbox: `pilot-light sandbox down`.',
    });
  }

  /** Each place owns every n-th block of 254 addresses, so that none runs out: 16,000 addresses with four places. */
  allocate(place: Place): string {
    const index = this.#places.indexOf(place);
    if (index < 0) throw unknownPlace(place, this.#places);
    const blocks = Math.floor((256 - index - 1) / this.#places.length) + 1;
    const size = blocks * 254;
    const from = this.#next.get(place) ?? 0;
    for (let step = 0; step < size; step++) {
      const position = (from + step) % size;
      const block = index + this.#places.length * Math.floor(position / 254);
      const address = `${this.prefix}${block}.${(position % 254) + 1}`;
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      this.#next.set(place, position + 1);
      return address;
    }
    throw new Error(`All ${size} addresses of ${place} are in use.`);
  }

  release(address: string): void {
    this.#taken.delete(address);
  }

  /** Takes an address that is known from before. Answers whether nobody has it. */
  take(address: string): boolean {
    if (!address.startsWith(this.prefix) || this.#taken.has(address)) return false;
    this.#taken.add(address);
    return true;
  }

  placeOf(address: string): Place {
    const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
    if (!plain.startsWith(this.prefix)) return outside;
    const block = Number(plain.split('.')[2]);
    return this.#places[block % this.#places.length] ?? outside;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#claim.close(() => resolve()));
  }
}

export const unknownPlace = (place: Place, places: readonly Place[]): Error =>
  new RangeError(`No such place: ${place}. Places of this sandbox: ${places.join(', ')}.`);

function tryClaim(second: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(`\0pilot-light-127.${second}`, () => {
      server.unref();
      resolve(server);
    });
  });
}
