/**
 * The link a request can be decided by: it names the request, until when, and the quote that was shown, and is signed. What isn't signed
 * is refused before anything is read.
 */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ApprovalRequest, QuotedLoss } from '../../plan/approval.ts';

/** What a link says. */
export interface Signed {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly until: number;
  /** The digest of the quote. */
  readonly quote: string;
}

export function linkTo(url: string, key: string, workload: string, request: ApprovalRequest): string {
  const signed = { id: request.id, until: request.expiresAt, quote: digestOf(request.quote) };
  const link = new URL(url);
  link.search = new URLSearchParams({
    id: signed.id,
    until: String(signed.until),
    quote: signed.quote,
    signature: signatureOf(key, workload, signed),
  }).toString();
  return link.href;
}

/** What a link's query says, if the workload's key has signed it. */
export function signedIn(query: string, key: string, workload: string): Signed | undefined {
  const given = new URLSearchParams(query);
  const signed = { id: given.get('id') ?? '', until: Number(given.get('until')), quote: given.get('quote') ?? '' };
  return isSame(given.get('signature') ?? '', signatureOf(key, workload, signed)) ? signed : undefined;
}

/** Whether a request is the one that was signed, with the quote that was shown. */
export const isSigned = ({ until, quote }: Signed, request: ApprovalRequest): boolean =>
  request.expiresAt === until && digestOf(request.quote) === quote;

const digestOf = (quote: QuotedLoss): string => createHash('sha256').update(JSON.stringify(quote)).digest('base64url');

const signatureOf = (key: string, workload: string, { id, quote, until }: Signed): string =>
  createHmac('sha256', key)
    .update(JSON.stringify(['approval', workload, id, until, quote]))
    .digest('base64url');

/** In the same time, whatever differs: digests have one length. */
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
