/** Looks at a service as a customer would: resolve the name, one GET, one answer or a reason. */

import { resolve4 } from 'node:dns/promises';
import { request as plainly } from 'node:http';
import { request as securely } from 'node:https';

export interface Answer {
  /** HTTP status, or undefined when nothing answered. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** `200`, or the error's code in a word. */
  readonly seen: string;
  /** The answer, as far as it is looked at. */
  readonly text: string;
}

export interface Visit {
  readonly timeoutMilliseconds: number;
  /** The name the certificate has to bear, where it isn't the URL's own: a load balancer asked by its own name shows the public name's. */
  readonly certifiedFor?: string;
  /** @default GET */
  readonly method?: string;
  readonly contentType?: string;
  readonly body?: Buffer;
  /** Where the URL's name leads and by whose authority it is certified, for who is told by others than this machine's resolver and store. */
  readonly at?: { readonly host: string; readonly port: number; readonly authority?: string };
}

/** How a service is seen as by its customers. Passed in, so that it is also looked at on virtual time. */
export interface Sight {
  get(url: string, timeoutMilliseconds: number, certifiedFor?: string): Promise<Pick<Answer, 'status' | 'seen'>>;
  visit(url: string, visit: Visit): Promise<Pick<Answer, 'status' | 'seen' | 'text'>>;
  /** The addresses a name has now; empty when it has none or can't be resolved. */
  addresses(name: string): Promise<readonly string[]>;
}

export const customersSight: Sight = { get: probe, visit, addresses: addressesOf };

function probe(url: string, timeoutMilliseconds: number, certifiedFor?: string): Promise<Answer> {
  return visit(url, { timeoutMilliseconds, ...(certifiedFor === undefined ? {} : { certifiedFor }) });
}

/** One request with a connection of its own: a kept one would never look at DNS again. Never rejects. */
export function visit(
  url: string,
  { at, body, certifiedFor, contentType, method = 'GET', timeoutMilliseconds }: Visit,
): Promise<Answer> {
  return new Promise((resolve) => {
    const nothing = (seen: string) => resolve({ status: undefined, headers: {}, seen, text: '' });
    const send = url.startsWith('https:') ? securely : plainly;
    const { hostname } = new URL(url);
    const options = {
      ...(at === undefined ? {} : { hostname: at.host, port: at.port, servername: hostname, ca: at.authority }),
      method,
      agent: false,
      timeout: timeoutMilliseconds,
      headers: {
        ...(at === undefined ? {} : { host: hostname }),
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
        ...(body === undefined ? {} : { 'content-length': body.length }),
      },
      ...(certifiedFor === undefined ? {} : { servername: certifiedFor }),
    };
    const sent = send(url, options, (response) => {
      const parts: Buffer[] = [];
      let length = 0;
      response.on('data', (part: Buffer) => {
        if (length < mostText) parts.push(part);
        length += part.length;
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          seen: String(response.statusCode),
          text: Buffer.concat(parts).toString(),
        }),
      );
      response.on('error', (error) => nothing(error.message));
    });
    const deadline = setTimeout(() => {
      nothing('no answer');
      sent.destroy();
    }, timeoutMilliseconds);
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', (error: NodeJS.ErrnoException) => nothing(error.code ?? error.message));
    sent.on('close', () => clearTimeout(deadline));
    sent.end(body);
  });
}

/** Bytes of an answer that are looked at. */
const mostText = 1_000_000;

async function addressesOf(name: string): Promise<string[]> {
  try {
    return (await resolve4(name)).sort();
  } catch {
    // No answer is an answer here: the caller compares addresses, and none match nothing.
    return [];
  }
}
