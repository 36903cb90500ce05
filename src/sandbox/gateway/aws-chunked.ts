/**
 * Unwraps `aws-chunked` uploads: chunks of `<hex size>[;chunk-signature=…]\r\n<data>\r\n`, ended by one of size 0 and its trailers.
 * Bytes are passed on as they arrive. Chunk signatures are read over: the request's own signature already covers who sends them, and
 * the checksums what was sent.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */

import type { TransformCallback } from 'node:stream';
import { Transform } from 'node:stream';
import { AwsError } from '../contract.ts';
import type { Verifier } from './payload.ts';

type State = 'size' | 'data' | 'after data' | 'trailers' | 'done';

const longestLine = 4096;

export class ChunkedDecoder extends Transform {
  readonly #verifier: Verifier;
  readonly #trailers = new Map<string, string>();
  #state: State = 'size';
  #line = '';
  #left = 0;

  constructor(verifier: Verifier) {
    super();
    this.#verifier = verifier;
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
      this.#verifier.finish(this.#trailers);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  #takeData(from: Buffer): Buffer {
    const data = from.subarray(0, this.#left);
    this.#left -= data.length;
    if (this.#left === 0) this.#state = 'after data';
    this.#verifier.update(data);
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
      const size = /^([0-9a-fA-F]{1,8})(;.*)?$/.exec(line)?.[1];
      if (size === undefined) throw malformed('a chunk starts with no size');
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailers' : 'data';
    }
  }
}

const malformed = (why: string): AwsError =>
  new AwsError('InvalidRequest', `The body is not encoded as aws-chunked: ${why}.`);
