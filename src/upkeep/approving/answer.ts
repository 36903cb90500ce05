/**
 * What the link of a request answers. Opened it shows, and changes nothing: mail scanners open links. Only a form that was sent decides,
 * and what isn't signed is refused before anything is read.
 */

import type { Clock } from '../../kernel/clock.ts';
import type { Answered, ApprovalRequest } from '../../plan/approval.ts';
import { becameOf, stateAt } from '../../plan/approval.ts';
import { answerRequest, readRequest } from '../../state/approvals.ts';
import { acknowledge } from '../../state/decisions.ts';
import type { ItemStore } from '../../state/items.ts';
import { isSigned, signedIn } from './link.ts';
import { askingPage, notePage, pageHeaders } from './page.ts';

/** What Lambda hands on of a request to a function URL. Source: Lambda Developer Guide, "Invoking Lambda function URLs". */
export interface UrlEvent {
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: { readonly http: { readonly method: string } };
}

export interface UrlAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Approving {
  readonly store: ItemStore;
  readonly clock: Clock;
  readonly workload: string;
  /** What links are signed with; undefined where there is none, and then no link is good. */
  readonly key: string | undefined;
}

/** Bytes of a form: a name and a reason. */
const largestForm = 4096;

export async function answerLink(event: UrlEvent, approving: Approving): Promise<UrlAnswer> {
  const { method } = event.requestContext.http;
  if (event.rawPath !== '/') return note(404, 'There is nothing here', 'Open the link as it was sent.');
  if (!['GET', 'HEAD', 'POST'].includes(method))
    return { ...note(405, 'That can’t be done here', 'Open the link, and send its form.'), ...allow };
  const { clock, key, store, workload } = approving;
  const signed = key === undefined ? undefined : signedIn(event.rawQueryString, key, workload);
  if (signed === undefined)
    return note(403, 'This link isn’t valid', 'It was changed, or cut short on its way. Open it as it was sent.');
  const request = await readRequest(store, signed.id);
  if (request === undefined || !isSigned(signed, request))
    return note(404, 'There is no such request', 'The state of the workload knows nothing of it any more.');
  if (stateAt(request, clock.now()) !== 'pending') return over(request, clock.now());
  return method === 'POST' ? decide(event, approving, request) : html(200, askingPage(workload, request));
}

async function decide(event: UrlEvent, approving: Approving, request: ApprovalRequest): Promise<UrlAnswer> {
  const { clock, store, workload } = approving;
  const form = formIn(event);
  const decision = form?.get('decision');
  const by = nameIn(form?.get('by') ?? '');
  if (form === undefined || (decision !== 'approve' && decision !== 'decline') || by === undefined)
    return html(400, askingPage(workload, request, 'Say who you are, in letters, and choose one of the two.'));
  const why = lineIn(form.get('why') ?? '');
  const answered: Answered = { at: clock.now(), by, how: 'link', why };
  const state = decision === 'approve' ? 'approved' : 'declined';
  const change = await answerRequest(store, request.id, state, answered);
  if (change?.changed !== true) return over(change?.request ?? request, clock.now());
  if (state === 'approved')
    return note(
      200,
      'Approved',
      'The watcher begins the failover within a few seconds, if what was found still stands. It takes its own quote first: where that is worse than the one you saw, nothing is moved and you are asked anew. What becomes of it is told where you were told of this.',
    );
  await acknowledge(store, {
    finding: request.finding,
    at: answered.at,
    by: `${by} (link)`,
    why: why === '' ? 'the failover was declined' : why,
  });
  return note(
    200,
    'Declined',
    'Nothing is failed over while this finding lasts, and nobody is asked about it again. When something else is found, you are. To fail over all the same: pilot-light failover.',
  );
}

/** Gone is what time or events have closed; what a person decided is in conflict with deciding it again. */
function over(request: ApprovalRequest, now: number): UrlAnswer {
  const state = stateAt(request, now);
  const isGone = state === 'expired' || state === 'withdrawn';
  const says = sentence(becameOf({ ...request, state: request.state === 'pending' ? 'expired' : request.state }));
  const next = isGone
    ? 'If it still stands you are asked anew, with a fresh quote: use the newest link.'
    : 'A request is decided once.';
  return note(isGone ? 410 : 409, isGone ? 'This request is over' : 'This was decided already', `${says}. ${next}`);
}

function formIn({ body = '', isBase64Encoded }: UrlEvent): URLSearchParams | undefined {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  return text.length > largestForm ? undefined : new URLSearchParams(text);
}

/** It goes into notices: letters, digits and what names are written with, so that no markup of a chat or a mail comes of it. */
function nameIn(text: string): string | undefined {
  const name = text.trim();
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N} .,'’@_-]{0,59}$/u.test(name) ? name : undefined;
}

const lineIn = (text: string): string =>
  text
    .replaceAll(/[^\p{L}\p{M}\p{N} .,;:'’?%()_-]+/gu, ' ')
    .trim()
    .slice(0, 200);

const sentence = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;

const note = (status: number, title: string, text: string): UrlAnswer => html(status, notePage(title, text));

const html = (statusCode: number, body: string): UrlAnswer => ({ statusCode, headers: pageHeaders, body });

const allow = { headers: { ...pageHeaders, allow: 'GET, HEAD, POST' } };
