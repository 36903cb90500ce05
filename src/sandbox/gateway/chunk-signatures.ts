/**
 * The signatures of a signed `aws-chunked` body: each chunk's covers its bytes and the signature before it, the first one's the
 * request's own. So no chunk can be changed, moved or left out.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
 */

import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../contract.ts';
import type { Signature } from './signature.ts';
import { credentialScope, sha256, signingKey } from './signature.ts';

export class ChunkSignatures {
  readonly #key: KeyObject;
  readonly #opening: string;
  #before: string;

  constructor(secret: string, { scope, timestamp, signature }: Signature) {
    this.#key = signingKey(secret, scope);
    this.#opening = `${timestamp}\n${credentialScope(scope)}`;
    this.#before = signature;
  }

  /** Throws unless `given` is the next chunk's signature. `hash` is SHA-256 of its bytes, in hex. */
  chunk(given: string | undefined, hash: string): void {
    this.#check(given, ['AWS4-HMAC-SHA256-PAYLOAD', this.#opening, this.#before, emptyHash, hash]);
  }

  /** Throws unless the trailers, in the order they came in, are signed by `x-amz-trailer-signature`. */
  trailers(trailers: ReadonlyMap<string, string>): void {
    const signed = [...trailers].filter(([name]) => name !== trailerSignature);
    const text = signed.map(([name, value]) => `${name}:${value}\n`).join('');
    this.#check(trailers.get(trailerSignature), [
      'AWS4-HMAC-SHA256-TRAILER',
      this.#opening,
      this.#before,
      sha256(text),
    ]);
  }

  #check(given: string | undefined, parts: readonly string[]): void {
    const expected = createHmac('sha256', this.#key).update(parts.join('\n')).digest();
    const bytes = Buffer.from(given ?? '', 'hex');
    if (bytes.length !== expected.length || !timingSafeEqual(bytes, expected)) {
      throw new AwsError(
        'SignatureDoesNotMatch',
        'The signature of a chunk of the body does not match: it was changed on its way, or signed with another key.',
      );
    }
    this.#before = expected.toString('hex');
  }
}

const trailerSignature = 'x-amz-trailer-signature';
const emptyHash = sha256('');
