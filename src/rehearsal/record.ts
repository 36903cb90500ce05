/** The customers' record: every attempt they made, read from the file they write, as it grows. */

import { createReadStream, existsSync, statSync } from 'node:fs';

export interface Attempt {
  readonly kind: 'write';
  readonly id: string;
  readonly customer: number;
  readonly sha256: string;
  readonly size: number;
  /** Epoch milliseconds of AWS time. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly address: string;
  /** The port it was asked from; none when nothing answered. */
  readonly port?: number;
  readonly status: number;
  /** The Region that answered; empty when none did. */
  readonly region: string;
  readonly acknowledged: boolean;
  readonly error?: string;
}

export class CustomerRecord {
  readonly attempts: Attempt[] = [];
  readonly #file: string;
  readonly #regionOf: (address: string, port: number) => string;
  #offset = 0;
  #rest = '';
  #reading: Promise<unknown> = Promise.resolve();

  /** `regionOf` tells which Region's load balancer answered at an address, to a client's port. */
  constructor(file: string, regionOf: (address: string, port: number) => string) {
    this.#file = file;
    this.#regionOf = regionOf;
  }

  /** Reads what has been added since the last call. A line still being written waits for its end. */
  refresh(): Promise<readonly Attempt[]> {
    // One after the other: two at once would read the same lines.
    const next = this.#reading.then(() => this.#read());
    // Whoever asked is told of a failure; the next reading isn't kept from beginning.
    this.#reading = next.catch(() => {});
    return next;
  }

  async #read(): Promise<readonly Attempt[]> {
    if (!existsSync(this.#file)) return [];
    const end = statSync(this.#file).size;
    if (end <= this.#offset) return [];
    let text = this.#rest;
    for await (const chunk of createReadStream(this.#file, { start: this.#offset, end: end - 1, encoding: 'utf8' }))
      text += chunk;
    this.#offset = end;
    const lines = text.split('\n');
    this.#rest = lines.pop() ?? '';
    const added = lines.filter((line) => line.startsWith('{"kind":"write"')).map((line) => this.#attempt(line));
    this.attempts.push(...added);
    return added;
  }

  #attempt(line: string): Attempt {
    const written = JSON.parse(line) as Omit<Attempt, 'region'>;
    return { ...written, region: written.status === 0 ? '' : this.#regionOf(written.address, written.port ?? 0) };
  }

  get acknowledged(): readonly Attempt[] {
    return this.attempts.filter((attempt) => attempt.acknowledged);
  }

  /** The share of attempts acknowledged among those that ended since `since` (epoch milliseconds); undefined without any. */
  successSince(since: number): number | undefined {
    const recent = this.attempts.filter(({ endedAt }) => endedAt >= since);
    return recent.length === 0 ? undefined : recent.filter(({ acknowledged }) => acknowledged).length / recent.length;
  }
}
