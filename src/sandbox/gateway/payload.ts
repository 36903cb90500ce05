/**
 * The body of a request: whole within a limit, or as a stream whose memory doesn't grow with it. What the client promised of it (its
 * hash, length and checksums) is verified on the way, and a broken promise ends the stream with AWS's error for it.
 */

import type { Readable } from 'node:stream';
import { Readable as ReadableStream, Transform } from 'node:stream';
import { AwsError } from '../contract.ts';
import type { RequestBody, WireRequest } from '../protocols/message.ts';
import { ChunkedDecoder } from './aws-chunked.ts';
import type { Checksum } from './checksums.ts';
import { checksumNamed } from './checksums.ts';
import type { ChunkSignatures } from './chunk-signatures.ts';

export class Payload implements RequestBody {
  readonly #request: WireRequest;
  readonly #limit: number;
  #bytes: Promise<Uint8Array> | undefined;
  #signatures: ChunkSignatures | undefined;

  /** `limit` is in bytes and holds for bodies read whole. */
  constructor(request: WireRequest, limit: number) {
    this.#request = request;
    this.#limit = limit;
  }

  /** What the client says the body's hash is: 64 hex digits, one of SigV4's words (`UNSIGNED-PAYLOAD`, `STREAMING-…`), or nothing. */
  get declaredHash(): string | undefined {
    return this.#request.headers['x-amz-content-sha256'];
  }

  /** Whether each chunk of the body carries a signature. */
  get hasSignedChunks(): boolean {
    return this.declaredHash?.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD') === true;
  }

  /** To be called before the body is read. */
  verifyChunks(signatures: ChunkSignatures): void {
    this.#signatures = signatures;
  }

  whole(): Promise<Uint8Array> {
    this.#bytes ??= this.#collect();
    return this.#bytes;
  }

  stream(): Readable {
    if (this.#bytes !== undefined) return ReadableStream.from(oneChunk(this.#bytes));
    const { body, headers } = this.#request;
    const verifier = new Verifier(headers);
    if (!this.#isChunked && !verifier.hasWork) return body;
    const unwrap = this.#isChunked ? new ChunkedDecoder(verifier, this.#signatures) : verifying(verifier);
    // Not pipeline(): ending the unwrapped stream early must leave the connection able to answer.
    body.pipe(unwrap);
    body.once('error', (error) => unwrap.destroy(error));
    body.once('close', () => {
      if (!body.readableEnded) unwrap.destroy(incomplete('The connection closed before the whole body had arrived.'));
    });
    // A handler that doesn't read the body must not bring the process down.
    unwrap.on('error', () => {});
    return unwrap;
  }

  async #collect(): Promise<Uint8Array> {
    const { headers } = this.#request;
    if (Number(headers['content-length'] ?? 0) > this.#limit) throw this.#tooLarge();
    const whole = await this.#read(this.#isChunked ? this.stream() : this.#request.body);
    if (!this.#isChunked) {
      const verifier = new Verifier(headers);
      verifier.update(whole);
      verifier.finish();
    }
    return whole;
  }

  /** By events: an async iterator costs each of thousands of small requests a second more than all of its reading. */
  #read(source: Readable): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const finish = () => {
        const [first] = chunks;
        resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, length));
      };
      if (source.readableEnded) {
        finish();
        return;
      }
      source.on('data', (chunk: Uint8Array) => {
        const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
        length += bytes.length;
        if (length <= this.#limit) chunks.push(bytes);
        else reject(this.#tooLarge());
      });
      source.once('end', finish);
      source.once('error', reject);
      const cut = () => {
        if (!source.readableEnded) reject(incomplete('The connection closed before the whole body had arrived.'));
      };
      source.once('close', cut);
      if (source.destroyed) cut();
    });
  }

  get #isChunked(): boolean {
    return this.declaredHash?.startsWith('STREAMING-') === true;
  }

  #tooLarge(): AwsError {
    return new AwsError('RequestTooLarge', `Request bodies can't be larger than ${this.#limit} bytes.`);
  }
}

/** What the request's headers promise of its body. */
export class Verifier {
  readonly #checksums: { readonly name: string; readonly expected: string | undefined; readonly checksum: Checksum }[] =
    [];
  readonly #length: number | undefined;
  #seen = 0;

  constructor(headers: Readonly<Record<string, string>>) {
    const hash = headers['x-amz-content-sha256'];
    if (hash !== undefined && /^[0-9a-f]{64}$/.test(hash))
      this.#expect('content-sha256', 'sha256', Buffer.from(hash, 'hex').toString('base64'));
    if (headers['content-md5'] !== undefined) this.#expect('content-md5', 'md5', headers['content-md5']);
    for (const name in headers) {
      if (name.startsWith(prefix)) this.#expect(name, name.slice(prefix.length), headers[name]);
    }
    for (const trailer of headers['x-amz-trailer']?.split(',') ?? []) {
      const name = trailer.trim().toLowerCase();
      if (name.startsWith(prefix)) this.#expect(name, name.slice(prefix.length), undefined);
    }
    const decoded = headers['x-amz-decoded-content-length'];
    this.#length = decoded === undefined ? undefined : Number(decoded);
  }

  get hasWork(): boolean {
    return this.#checksums.length > 0 || this.#length !== undefined;
  }

  update(chunk: Uint8Array): void {
    this.#seen += chunk.byteLength;
    for (const { checksum } of this.#checksums) checksum.update(chunk);
  }

  /** Call at the end, with the trailers by their names. Throws when a promise was broken. */
  finish(trailers: ReadonlyMap<string, string> = new Map()): void {
    if (this.#length !== undefined && this.#seen !== this.#length) {
      throw incomplete(`The body has ${this.#seen} bytes where ${this.#length} were announced.`);
    }
    for (const { name, expected, checksum } of this.#checksums) {
      const promised = expected ?? trailers.get(name);
      if (promised === undefined)
        throw new AwsError('MalformedTrailerError', `The request announced the trailer ${name} but has none.`);
      const actual = checksum.digest();
      if (actual === promised) continue;
      if (name === 'content-sha256') {
        throw new AwsError(
          'XAmzContentSHA256Mismatch',
          "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
      }
      throw new AwsError(
        'BadDigest',
        `The ${name} you specified (${promised}) did not match what we received (${actual}).`,
      );
    }
  }

  #expect(name: string, algorithm: string, expected: string | undefined): void {
    const checksum = checksumNamed(algorithm);
    if (checksum !== undefined) this.#checksums.push({ name, expected, checksum });
  }
}

const prefix = 'x-amz-checksum-';

const incomplete = (message: string): AwsError => new AwsError('IncompleteBody', message);

async function* oneChunk(bytes: Promise<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunk = await bytes;
  if (chunk.byteLength > 0) yield chunk;
}

function verifying(verifier: Verifier): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      verifier.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      try {
        verifier.finish();
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
