/**
 * Object contents as files: `<directory>/<region>/s3/<bucket>/<content id>`. A file is written beside its place and renamed into it, so
 * a file that has a name is whole; it never changes afterwards, so copies within the machine are hard links.
 */

import { createReadStream, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Ids } from '../../../kernel/ids.ts';
import type { SandboxCore } from '../../contract.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { digestOf } from './checksums.ts';
import type { BucketRecord } from './records.ts';

export type Body = AsyncIterable<Uint8Array | string> | Uint8Array | string | undefined;

/** Bytes that have arrived and have no name yet. */
export interface Received {
  readonly path: string;
  readonly size: number;
  readonly digests: Readonly<Partial<Record<ChecksumAlgorithm, Buffer>>> & { readonly MD5: Buffer };
}

type Place = Pick<BucketRecord, 'region' | 'name'>;

export class Contents {
  readonly #directory: string;
  readonly #ids: Ids;
  readonly #onceKept: SandboxCore['onceKept'];

  constructor({ directory, ids, onceKept, regions }: Pick<SandboxCore, 'directory' | 'ids' | 'onceKept' | 'regions'>) {
    this.#directory = directory;
    this.#ids = ids;
    this.#onceKept = onceKept;
    // What had no name when an earlier life ended never gets one.
    for (const region of regions) rmSync(join(directory, region, 's3', '.incoming'), { recursive: true, force: true });
  }

  /** Streams `body` to an unnamed file, one chunk in memory at a time. Leaves nothing behind when the stream breaks. */
  async receive(body: Body, region: string, algorithms: readonly ChecksumAlgorithm[] = []): Promise<Received> {
    const folder = join(this.#directory, region, 's3', '.incoming');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, this.#ids.hex(32));
    const digests = (['MD5', ...algorithms] as const).map((name) => ({ name, digest: digestOf[name]() }));
    let size = 0;
    const file = await open(path, 'wx');
    try {
      for await (const chunk of chunksOf(body)) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        for (const { digest } of digests) digest.update(bytes);
        size += bytes.byteLength;
        await writeAll(file, bytes);
      }
    } catch (error) {
      await file.close();
      await rm(path, { force: true });
      throw error;
    }
    await file.close();
    const finished = digests.map(({ name, digest }) => [name, digest.finish()]);
    return { path, size, digests: Object.fromEntries(finished) as Received['digests'] };
  }

  /** Gives received bytes their name. Synchronous, so that it commits together with the table row. */
  keep(received: Received, place: Place, content: string): void {
    mkdirSync(this.#folder(place), { recursive: true });
    renameSync(received.path, this.#path(place, content));
  }

  discard(received: Received): void {
    rmSync(received.path, { force: true });
  }

  /** Makes the same bytes known under another name, in any Region: files never change, so both names share them. */
  link(from: Place, content: string, to: Place, as: string): void {
    mkdirSync(this.#folder(to), { recursive: true });
    linkSync(this.#path(from, content), this.#path(to, as));
  }

  remove(place: Place, content: string): void {
    this.#onceKept(() => rmSync(this.#path(place, content), { force: true }));
  }

  removeBucket(place: Place): void {
    this.#onceKept(() => rmSync(this.#folder(place), { recursive: true, force: true }));
  }

  /** Opened before it is answered: a reader keeps its bytes though the version be deleted meanwhile. */
  async read(place: Place, content: string, range?: { start: number; end: number }): Promise<Readable> {
    const file = await open(this.#path(place, content), 'r');
    return file.createReadStream(range === undefined ? {} : range);
  }

  /** Several contents, one after the other. */
  async *joined(place: Place, contents: readonly string[]): AsyncGenerator<Uint8Array> {
    for (const content of contents) yield* createReadStream(this.#path(place, content)) as AsyncIterable<Uint8Array>;
  }

  #folder({ region, name }: Place): string {
    return join(this.#directory, region, 's3', name);
  }

  #path(place: Place, content: string): string {
    return join(this.#folder(place), content);
  }
}

function chunksOf(body: Body): AsyncIterable<Uint8Array | string> | readonly (Uint8Array | string)[] {
  if (body === undefined) return [];
  return typeof body === 'string' || body instanceof Uint8Array ? [body] : body;
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.byteLength; ) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}
