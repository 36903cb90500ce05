/**
 * The rules of approvals: what a person is asked, what becomes of it, and what an approval still covers when a run takes its own quote.
 * Pure: each function answers the next request, and whoever keeps requests writes it only over the one it was made from.
 *
 *  1. A request is of one finding in one epoch since one moment. It is decided at most once, before it expires, and never after.
 *  2. An approval covers what was shown: the finding, what else stood in the way, and the loss that was quoted.
 *  3. It is used by one run, within minutes of being given.
 */

import type { FindingCode } from './findings.ts';
import type { Sighting } from './world.ts';

export const approvalStates = ['pending', 'approved', 'declined', 'expired', 'withdrawn', 'used'] as const;
export type ApprovalState = (typeof approvalStates)[number];

/** What of a loss quote a person is shown, and an approval is bound to. */
export interface QuotedLoss {
  readonly at: number;
  /** A sentence. */
  readonly says: string;
  readonly objectiveSeconds: number;
  readonly within: boolean;
  /** Why not, a sentence each. */
  readonly beyond: readonly string[];
  /** The best that is known, part by part: `database`, then each bucket. Without seconds it can't be told. */
  readonly parts: readonly { readonly part: string; readonly seconds?: number }[];
  readonly unknown: readonly string[];
}

export interface Answered {
  readonly at: number;
  readonly by: string;
  readonly how: 'link' | 'command line';
  readonly why: string;
}

/** Times are epoch milliseconds by the clock of AWS. */
export interface ApprovalRequest {
  readonly id: string;
  readonly epoch: number;
  readonly finding: FindingCode;
  readonly since: number;
  /** The how manieth of this finding it is. */
  readonly ordinal: number;
  /** What became of the one before it. */
  readonly before?: ApprovalState;
  readonly sentence: string;
  readonly evidence: readonly Sighting[];
  /** What of the recovery side stood in the way: who approves accepts it. */
  readonly accepts: readonly FindingCode[];
  readonly quote: QuotedLoss;
  readonly askedAt: number;
  /** Until when it can be decided. */
  readonly expiresAt: number;
  readonly state: ApprovalState;
  readonly answered?: Answered;
  /** Why it was withdrawn. */
  readonly why?: string;
  /** The run that used it. */
  readonly run?: string;
}

/** Milliseconds within which an approval has to be used: what isn't begun by then isn't what was approved any more. */
export const usableFor = 5 * 60_000;

/** A quote may be worse than the approved one by so many seconds, or by a quarter of it where that is more. */
export const tolerance = { seconds: 10, share: 0.25 } as const;

type Spell = Pick<ApprovalRequest, 'epoch' | 'finding' | 'since'>;

export const isOfSpell = (request: Spell, { epoch, finding, since }: Spell): boolean =>
  request.epoch === epoch && request.finding === finding && request.since === since;

/** What it is at a moment: time alone makes a request, and an approval nobody used, expire. */
export function stateAt({ answered, expiresAt, state }: ApprovalRequest, now: number): ApprovalState {
  if (state === 'pending') return now >= expiresAt ? 'expired' : state;
  if (state === 'approved') return now >= (answered?.at ?? 0) + usableFor ? 'expired' : state;
  return state;
}

/** Whether somebody still waits for it: for a person, or for the run that is to use it. */
export const isOpen = (request: ApprovalRequest, now: number): boolean =>
  ['pending', 'approved'].includes(stateAt(request, now));

/** Whether an approval lets this finding be failed over from now, with `inTheWay` on the recovery side. */
export const covers = (
  request: ApprovalRequest,
  spell: Spell,
  inTheWay: readonly FindingCode[],
  now: number,
): boolean =>
  stateAt(request, now) === 'approved' &&
  isOfSpell(request, spell) &&
  inTheWay.every((code) => request.accepts.includes(code));

/** A person's word on a pending request; undefined where it can't be decided any more. */
export function answeredBy(
  request: ApprovalRequest,
  state: 'approved' | 'declined',
  answered: Answered,
): ApprovalRequest | undefined {
  return stateAt(request, answered.at) === 'pending' ? { ...request, state, answered } : undefined;
}

/** Used by `run`, as often as it asks; undefined where the approval isn't there, has lapsed, or is another run's. */
export function usedBy(request: ApprovalRequest, run: string, now: number): ApprovalRequest | undefined {
  if (request.state === 'used') return request.run === run ? request : undefined;
  return stateAt(request, now) === 'approved' ? { ...request, state: 'used', run } : undefined;
}

/** Closed, where it was open: by time, or because what it was about has passed. */
export function closed(request: ApprovalRequest, now: number, why?: string): ApprovalRequest | undefined {
  if (request.state !== 'pending' && request.state !== 'approved') return undefined;
  if (stateAt(request, now) === 'expired') return { ...request, state: 'expired' };
  return why === undefined ? undefined : { ...request, state: 'withdrawn', why };
}

/** Why a quote isn't covered by the approved one; undefined where it is. */
export function worseBy(approved: QuotedLoss, now: QuotedLoss): string | undefined {
  if (approved.within && !now.within) return `the loss is beyond the objective now: ${now.beyond.join('; ')}`;
  for (const { part, seconds } of now.parts) {
    const shown = approved.parts.find((one) => one.part === part)?.seconds;
    // What couldn't be told when it was approved was accepted as that.
    if (shown === undefined) continue;
    if (seconds === undefined) return `how much of ${part} would be lost can't be told any more`;
    const most = shown + Math.max(tolerance.seconds, tolerance.share * shown);
    if (seconds > most) return `of ${part} ${seconds} s would be lost now; ${shown} s were approved`;
  }
  return undefined;
}

/** Who said it, for sentences: `ann (link)`. */
export const whoAnswered = ({ answered }: ApprovalRequest): string =>
  answered === undefined ? 'nobody' : `${answered.by} (${answered.how})`;

/** What has become of a request that can't be decided or used any more, as the end of a sentence. */
export function becameOf(request: ApprovalRequest): string {
  const { answered, expiresAt, run, state, why } = request;
  const when = (at: number) => new Date(at).toISOString();
  switch (state) {
    case 'declined':
      return `it was declined by ${whoAnswered(request)} at ${when(answered?.at ?? 0)}`;
    case 'used':
      return `it was approved by ${whoAnswered(request)}, and used by run ${run}`;
    case 'withdrawn':
      return `it was withdrawn: ${why}`;
    case 'approved':
      return `it was approved by ${whoAnswered(request)} at ${when(answered?.at ?? 0)}; an approval is used within ${usableFor / 60_000} minutes, or lapses`;
    default:
      return `it expired at ${when(expiresAt)}`;
  }
}
