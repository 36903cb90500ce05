/** One fuzzed request, before it is signed and sent. */

export interface FuzzRequest {
  /** The signing name, which need not exist. */
  readonly service: string;
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** How a request is sent, where it isn't as a client would. */
export interface Sending {
  /** Sign before the damage, or with other credentials, or not at all. */
  readonly signature:
    | 'right'
    | 'none'
    | 'other secret'
    | 'unknown key'
    | 'old'
    | 'cut'
    | 'other Region'
    | 'a token of nobody'
    | 'nonsense';
  /** Bytes of the body that are sent before the sender goes away; all, unless said. */
  readonly cutAt?: number;
  /** What the header says of the body's length, where it lies. */
  readonly contentLength?: string;
  /** Lines put among the headers as they are. */
  readonly lines: readonly string[];
  /** The words in place of the body's hash. */
  readonly payloadHash?: string;
}
