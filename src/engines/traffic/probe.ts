/** Looks at a service as a customer would: resolve the name, one GET, one answer or a reason. */

import { resolve4 } from 'node:dns/promises';
import { request } from 'node:http';

export interface Answer {
  /** HTTP status, or undefined when nothing answered. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** `200`, or the error's code in a word. */
  readonly seen: string;
}

/** One GET with a connection of its own: a kept one would never look at DNS again. Never rejects. */
export function probe(url: string, timeoutMilliseconds: number): Promise<Answer> {
  return new Promise((resolve) => {
    const nothing = (seen: string) => resolve({ status: undefined, headers: {}, seen });
    const sent = request(url, { method: 'GET', agent: false, timeout: timeoutMilliseconds }, (response) => {
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

/** The addresses a name has now; empty when it has none or can't be resolved. */
export async function addressesOf(name: string): Promise<string[]> {
  try {
    return (await resolve4(name)).sort();
  } catch {
    // No answer is an answer here: the caller compares addresses, and none match nothing.
    return [];
  }
}
