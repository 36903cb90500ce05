/** An HTTP exchange as the wire sees it, whether it came over a socket or from a client in this process. */

import type { Readable } from 'node:stream';

export interface WireRequest {
  readonly method: string;
  /** As sent: percent-encoded, without the query string. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  /** Names in lower case; repeated headers joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it arrives. */
  readonly body: Readable;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | Readable | undefined;
}

/** The body of a request, read at most once: whole, or as a stream. */
export interface RequestBody {
  /** Refuses a body over the service's limit. */
  whole(): Promise<Uint8Array>;
  /** The payload, unwrapped from `aws-chunked` and verified on the way. */
  stream(): Readable;
}
