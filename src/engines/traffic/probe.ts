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
}

/** How a service is seen as by its customers. Passed in, so that it is also looked at on virtual time. */
export interface Sight {
  get(url: string, timeoutMilliseconds: number, certifiedFor?: string): Promise<Pick<Answer, 'status' | 'seen'>>;
  /** The addresses a name has now; empty when it has none or can't be resolved. */
  addresses(name: string): Promise<readonly string[]>;
}

export const customersSight: Sight = { get: probe, addresses: addressesOf };

/**
 * One GET with a connection of its own: a kept one would never look at DNS again. Never rejects. `certifiedFor` is the name the
 * certificate has to bear, where it isn't the URL's own: a load balancer asked by its own name shows the public name's.
 */
function probe(url: string, timeoutMilliseconds: number, certifiedFor?: string): Promise<Answer> {
  return new Promise((resolve) => {
    const nothing = (seen: string) => resolve({ status: undefined, headers: {}, seen });
    const send = url.startsWith('https:') ? securely : plainly;
    const named = certifiedFor === undefined ? {} : { servername: certifiedFor };
    const sent = send(url, { method: 'GET', agent: false, timeout: timeoutMilliseconds, ...named }, (response) => {
      response.resume();
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, seen: String(response.statusCode) }),
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
    sent.end();
  });
}

async function addressesOf(name: string): Promise<string[]> {
  try {
    return (await resolve4(name)).sort();
  } catch {
    // No answer is an answer here: the caller compares addresses, and none match nothing.
    return [];
  }
}
