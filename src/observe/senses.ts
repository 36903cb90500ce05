/** How the jury reaches what isn't an AWS API: over HTTP, and through DNS. Passed in, so that it also looks on virtual time. */

import { resolveTxt } from 'node:dns/promises';
import { customersSight } from '../engines/traffic/probe.ts';

export interface Senses {
  /** One GET with a connection of its own; never rejects. */
  get(
    url: string,
    timeoutMilliseconds: number,
    certifiedFor?: string,
  ): Promise<{ status: number | undefined; seen: string }>;
  /** A TXT record's text. */
  text(name: string): Promise<string>;
}

export const worldly: Senses = {
  get: (...asked) => customersSight.get(...asked),
  async text(name) {
    const [text] = await resolveTxt(name);
    return text?.join('') ?? '';
  },
};
