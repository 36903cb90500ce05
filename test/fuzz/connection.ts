/**
 * HTTP/1.1 over a socket, for requests no HTTP library would write: whatever is given is sent, and what comes back is read as far as
 * a client has to. A connection is kept as long as the other side keeps it.
 */

import type { Socket } from 'node:net';
import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The other side closed the connection before it had answered. */
export interface Closed {
  readonly closed: true;
}

export class Connection {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(endpoint: string) {
    const { hostname, port } = new URL(endpoint);
    this.#host = hostname;
    this.#port = Number(port);
  }

  /** Sends `bytes` and reads one answer; with `leave`, half-closes after the last byte. Undefined when nothing came in time. */
  async exchange(
    bytes: Buffer,
    method: string,
    leave: boolean,
    patience: number,
  ): Promise<Answer | Closed | undefined> {
    const socket = this.#socket ?? (await this.#connect());
    this.#socket = undefined;
    const reader = new Reader(method);
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), patience);
      const settle = (answer: Answer | Closed | undefined, reusable = false): void => {
        clearTimeout(timer);
        socket.removeAllListeners();
        socket.on('error', () => {});
        if (reusable && !leave) {
          this.#socket = socket;
          socket.once('close', () => {
            if (this.#socket === socket) this.#socket = undefined;
          });
        } else socket.destroy();
        resolve(answer);
      };
      socket.on('data', (chunk) => {
        const answer = reader.push(chunk);
        if (answer !== undefined) settle(answer, reader.keepsAlive);
      });
      socket.on('error', () => settle(reader.end() ?? { closed: true }));
      socket.on('close', () => settle(reader.end() ?? { closed: true }));
      socket.write(bytes);
      if (leave) socket.end();
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: this.#host, port: this.#port, allowHalfOpen: true }, () => {
        socket.removeListener('error', reject);
        resolve(socket);
      });
      socket.once('error', reject);
    });
  }
}

class Reader {
  readonly #method: string;
  #bytes: Buffer = Buffer.alloc(0);
  #head: { status: number; headers: Record<string, string> } | undefined;
  #body: Buffer[] = [];
  keepsAlive = false;

  constructor(method: string) {
    this.#method = method;
  }

  push(chunk: Buffer): Answer | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    while (this.#head === undefined) {
      const end = this.#bytes.indexOf('\r\n\r\n');
      if (end === -1) return undefined;
      const head = readHead(this.#bytes.toString('latin1', 0, end));
      this.#bytes = this.#bytes.subarray(end + 4);
      if (head.status >= 200) this.#head = head;
    }
    return this.#complete(this.#head);
  }

  /** What can be made of an answer that ended with its connection. */
  end(): Answer | undefined {
    this.keepsAlive = false;
    if (this.#head === undefined) return undefined;
    return { ...this.#head, body: Buffer.concat([...this.#body, this.#bytes]) };
  }

  #complete(head: { status: number; headers: Record<string, string> }): Answer | undefined {
    const { headers, status } = head;
    const finish = (): Answer => {
      this.keepsAlive = headers.connection !== 'close' && this.#bytes.length === 0;
      return { ...head, body: Buffer.concat(this.#body) };
    };
    if (this.#method === 'HEAD' || status === 204 || status === 304) return finish();
    if (headers['transfer-encoding'] === 'chunked') {
      for (;;) {
        const end = this.#bytes.indexOf('\r\n');
        if (end === -1) return undefined;
        const size = Number.parseInt(this.#bytes.toString('latin1', 0, end), 16);
        if (this.#bytes.length < end + 2 + size + 2) return undefined;
        this.#body.push(this.#bytes.subarray(end + 2, end + 2 + size));
        this.#bytes = this.#bytes.subarray(end + 4 + size);
        if (size === 0) return finish();
      }
    }
    const length = headers['content-length'];
    if (length === undefined) return undefined;
    if (this.#bytes.length < Number(length)) return undefined;
    this.#body.push(this.#bytes.subarray(0, Number(length)));
    this.#bytes = this.#bytes.subarray(Number(length));
    return finish();
  }
}

function readHead(text: string): { status: number; headers: Record<string, string> } {
  const [first = '', ...lines] = text.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? Number.NaN), headers };
}
