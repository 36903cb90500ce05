/**
 * Unwraps `aws-chunked` uploads: chunks of `<hex size>[;chunk-signature=…]\r\n<data>\r\n`, ended by one of size 0 and its trailers.
 * Bytes are passed on as they arrive; a chunk whose signature doesn't match ends the stream with an error.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */

import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { TransformCallback } from 'node:stream';
import { Transform } from 'node:stream';
import { AwsError } from '../contract.ts';
import type { ChunkSignatures } from './chunk-signatures.ts';
import type { Verifier } from './payload.ts';

type State = 'size' | 'data' | 'after data' | 'trailers' | 'done';

const longestLine = 4096;

export class ChunkedDecoder extends Transform {
  readonly #verifier: Verifier;
  readonly #trailers = new Map<string, string>();
  #state: State = 'size';
  #line = '';
  #left = 0;
  readonly #signatures: ChunkSignatures | undefined;
  #hash: Hash | undefined;
  #signature: string | undefined;

  /** `signatures` are those of a signed body; an unsigned one has none. */
  constructor(verifier: Verifier, signatures: ChunkSignatures | undefined) {
    super();
    this.#verifier = verifier;
    this.#signatures = signatures;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      let rest: Buffer = chunk;
      while (rest.length > 0 && this.#state !== 'done') {
        rest = this.#state === 'data' ? this.#takeData(rest) : this.#takeLine(rest);
      }
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    try {
      // Some clients leave out the empty line after the last trailer.
      if (this.#state !== 'done' && this.#state !== 'trailers') throw malformed('it ends before its last chunk');
      if (this.#trailers.size > 0) this.#signatures?.trailers(this.#trailers);
      this.#verifier.finish(this.#trailers);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  #takeData(from: Buffer): Buffer {
    const data = from.subarray(0, this.#left);
    this.#left -= data.length;
    this.#verifier.update(data);
    this.#hash?.update(data);
    if (this.#left === 0) this.#endChunk('after data');
    this.push(data);
    return from.subarray(data.length);
  }

  #takeLine(from: Buffer): Buffer {
    const end = from.indexOf('\n');
    this.#line += from.toString('latin1', 0, end === -1 ? from.length : end);
    if (this.#line.length > longestLine) throw malformed('a chunk starts with no size');
    if (end === -1) return from.subarray(from.length);
    const line = this.#line.replace(/\r$/, '');
    this.#line = '';
    this.#read(line);
    return from.subarray(end + 1);
  }

  #read(line: string): void {
    if (this.#state === 'after data') {
      if (line !== '') throw malformed('a chunk is longer than its size');
      this.#state = 'size';
    } else if (this.#state === 'trailers') {
      const at = line.indexOf(':');
      if (line === '') this.#state = 'done';
      else this.#trailers.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
    } else {
      const [, size, extension] = /^([0-9a-fA-F]{1,8})(;.*)?$/.exec(line) ?? [];
      if (size === undefined) throw malformed('a chunk starts with no size');
      this.#left = Number.parseInt(size, 16);
      this.#signature = /;chunk-signature=([0-9a-f]+)$/.exec(extension ?? '')?.[1];
      if (this.#signatures !== undefined) this.#hash = createHash('sha256');
      if (this.#left === 0) this.#endChunk('trailers');
      else this.#state = 'data';
    }
  }

  #endChunk(next: State): void {
    if (this.#hash !== undefined) this.#signatures?.chunk(this.#signature, this.#hash.digest('hex'));
    this.#hash = undefined;
    this.#state = next;
  }
}

const malformed = (why: string): AwsError =>
  new AwsError('InvalidRequest', `The body is not encoded as aws-chunked: ${why}.`);
