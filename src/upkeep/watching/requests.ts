/**
 * Asks a person: one request for a finding at a time, each with a fresh quote, made anew when the last one came to nothing while the
 * finding still stands, and withdrawn when it has passed.
 */

import type { Base } from '../../engines/base.ts';
import { observeLoss } from '../../ledger/observe-loss.ts';
import { quoteOf } from '../../ledger/quote.ts';
import { quotedLoss } from '../../ledger/quoted-loss.ts';
import type { ApprovalRequest } from '../../plan/approval.ts';
import { isOfSpell, isOpen, stateAt } from '../../plan/approval.ts';
import type { Decision } from '../../plan/decide.ts';
import type { Policy } from '../../plan/policy.ts';
import type { Memory, World } from '../../plan/world.ts';
import { closeRequest, makeRequest, requestId } from '../../state/approvals.ts';

/** Answers the request that stands, if one does. `memory` is that of after the decision. */
export async function askPeople(
  base: Base,
  decision: Decision,
  world: World,
  memory: Memory,
  policy: Policy,
): Promise<ApprovalRequest | undefined> {
  const { request } = world;
  if (decision.code === 'ask') return standingFor(base, decision, world, policy);
  const why = request === undefined ? undefined : whyPassed(request, decision, world, memory);
  if (request === undefined || why === undefined) return request;
  return (await closeRequest(base.store, request.id, base.clock.now(), why))?.request;
}

async function standingFor(
  base: Base,
  decision: Decision,
  { epoch, request }: World,
  policy: Policy,
): Promise<ApprovalRequest> {
  const { clock, store } = base;
  const { accepting = [], finding } = decision;
  const spell = { epoch, finding: finding.code, since: finding.since };
  let before = request !== undefined && isOfSpell(request, spell) ? request : undefined;
  const stillAsks = (known: ApprovalRequest) =>
    isOpen(known, clock.now()) && accepting.every((code) => known.accepts.includes(code));
  if (request !== undefined && before === undefined)
    await closeRequest(store, request.id, clock.now(), 'something else is found now');
  if (before !== undefined) {
    if (stillAsks(before)) return before;
    // Closed first: who answers in this moment is either heard or refused.
    before = (await closeRequest(store, before.id, clock.now(), 'more stands in the way now'))?.request ?? before;
    if (stillAsks(before)) return before;
  }
  const quote = quotedLoss(quoteOf(await observeLoss(base), clock.now()));
  let ordinal = (before?.ordinal ?? 0) + 1;
  for (;;) {
    const askedAt = clock.now();
    const made = await makeRequest(store, {
      id: requestId(store, spell, ordinal),
      ...spell,
      ordinal,
      ...(before === undefined ? {} : { before: stateAt(before, askedAt) }),
      sentence: decision.sentence,
      evidence: finding.evidence,
      accepts: accepting,
      quote,
      askedAt,
      expiresAt: askedAt + 60_000 * policy.approvalMinutes,
      state: 'pending',
    });
    // Made before by a watcher that died, it may have had its time.
    if (stillAsks(made)) return made;
    before = made;
    ordinal++;
  }
}

/** Why nobody has to decide any more. */
function whyPassed(
  { epoch, finding, since }: ApprovalRequest,
  { approval, code }: Decision,
  world: World,
  memory: Memory,
): string | undefined {
  if (world.active !== 'primary' || world.epoch !== epoch) return 'the workload has moved since';
  if (memory.spells[finding] !== since) return 'it has passed';
  if (code === 'fail-over' && approval === undefined) return 'it is failed over without it';
  const { acknowledged } = world;
  if (acknowledged?.finding === finding && acknowledged.at >= since) return `${acknowledged.by} knows of it`;
  return undefined;
}
