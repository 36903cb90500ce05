/**
 * The decision: pure, read top to bottom, the same for the watcher, a person's question and a test over generated worlds.
 *
 *  1. Nothing is failed over unless somebody outside the recovery Region says the primary isn't reached, or the primary says so itself.
 *  2. An observer that couldn't look counts for nothing; what AWS Health says is told and counts for nothing either.
 *  3. `warn` is a hold that people are told of; `ask` is a failover that a person has to approve, and `fail-over` once one has, for as long
 *     as what they approved is what is found; `prepare` is a suspicion, on which a runner may begin what can be undone; `stand-down`
 *     drops it, and stops a run of the watcher's own that hasn't committed.
 */

import type { ApprovalRequest } from './approval.ts';
import { covers, whoAnswered } from './approval.ts';
import { findOfPrimary, findOfRecovery, isOfNow, obstaclesNow } from './find.ts';
import type { Finding, FindingCode, PrimaryRule } from './findings.ts';
import { stopsBy } from './findings.ts';
import type { Policy, Trigger } from './policy.ts';
import { isSuspect } from './view.ts';
import type { HealthEvent, World } from './world.ts';

export const decisionCodes = ['hold', 'warn', 'prepare', 'stand-down', 'ask', 'fail-over'] as const;
export type DecisionCode = (typeof decisionCodes)[number];

/** What keeps an outage from being failed over, or asked about: the policy, a person, or something of the recovery Region. */
export type Hindrance = 'brake' | 'manual' | 'never-seen-well' | FindingCode;

export interface Decision {
  readonly code: DecisionCode;
  readonly sentence: string;
  /** What it is about: of the primary Region, or of the recovery Region where that is all there is to tell. */
  readonly finding: Finding;
  /** What else is wrong, on the recovery side. */
  readonly beside: readonly Finding[];
  /** When the service was last seen well from outside, epoch milliseconds. */
  readonly lastGood: number | undefined;
  readonly health: readonly HealthEvent[];
  /** Of `warn` about an outage: why it isn't failed over. */
  readonly hindrance?: Hindrance;
  /** Of `ask`: what of the recovery side a person who approves accepts. */
  readonly accepting?: readonly FindingCode[];
  /** The approval that it rests on. */
  readonly approval?: ApprovalRequest;
}

export function decide(world: World, policy: Policy, now: number): Decision {
  const { finding, rule } = findOfPrimary(world, policy, now);
  const ill = findOfRecovery(world, policy, now);
  const { acknowledged, brake, health = [], holder, lastGood, request } = world;
  const prepared = world.preparedSince !== undefined;
  const served = rule?.served === true;
  const about =
    (chosen: Finding) =>
    (code: DecisionCode, sentence: string): Decision => ({
      code,
      sentence,
      finding: chosen,
      beside: ill.filter((one) => one !== chosen),
      lastGood,
      health,
    });
  const answer = about(finding);
  const isKnown = ({ code, since }: Finding) => acknowledged?.finding === code && acknowledged.at >= since;

  if (world.active !== 'primary') return answer('hold', 'the recovery Region is already the active one');
  if (holder !== undefined) {
    if (served && holder.by === 'watcher')
      return answer(
        'stand-down',
        `the primary is back before run ${holder.run} has committed anything: ${finding.says}`,
      );
    return answer('hold', `run ${holder.run} is under way`);
  }
  if (prepared && (served || (finding.code === 'recovery-blind' && finding.settled)))
    return answer('stand-down', `it has passed: ${finding.says}`);
  if (prepared && brake.on) return answer('stand-down', `the brake is on: ${brake.why}`);

  if (finding.code === 'unclear' || !finding.settled) {
    if (isOfNow(world.stretches, now) && mayPrepare(world, policy, rule, isKnown(finding)))
      return answer('prepare', "the primary doesn't answer: it is seen whether it stays so");
    return answer('hold', finding.code === 'unclear' ? finding.says : `${finding.says}; it is seen whether that lasts`);
  }
  if (isKnown(finding)) return answer('hold', `${finding.says}; ${acknowledged?.by} knows: ${acknowledged?.why}`);
  if (served) {
    const worst = ill.find((one) => one.settled && !isKnown(one));
    if (worst !== undefined) return about(worst)('warn', worst.says);
    return answer(finding.code === 'all-well' ? 'hold' : 'warn', finding.says);
  }
  if (rule === undefined || rule.answer === 'none') return answer('warn', finding.says);
  const hindered = (hindrance: Hindrance, but: string): Decision => ({
    ...answer('warn', `${finding.says}; ${but}`),
    hindrance,
  });
  if (lastGood === undefined)
    return hindered('never-seen-well', 'but it was never seen well, so nothing says this is an outage');
  if (brake.on) return hindered('brake', `the brake is on: ${brake.why}`);

  const inTheWay = obstaclesNow(world).filter((one) => stopsBy(one, policy));
  const fatal = inTheWay.find(({ stops }) => stops === 'always');
  if (fatal !== undefined) return hindered(fatal.code, `but ${fatal.says}`);
  const trigger = triggerOf(rule, policy);
  if (trigger === 'manual') return hindered('manual', 'the policy leaves it to a person');
  const [first] = inTheWay;
  const accepting = inTheWay.map(({ code }) => code);
  const ask = (sentence: string): Decision => {
    const spell = { epoch: world.epoch, finding: finding.code, since: finding.since };
    if (request === undefined || !covers(request, spell, accepting, now))
      return { ...answer('ask', sentence), accepting };
    return { ...answer('fail-over', `${sentence}; approved by ${whoAnswered(request)}`), approval: request };
  };
  if (first !== undefined) return ask(`${finding.says}; but ${first.says}: a person has to accept the loss`);
  if (now < world.lockedOutUntil)
    return ask(`${finding.says}; automation is locked out after the last run: a person has to say so`);
  return trigger === 'approve' ? ask(finding.says) : answer('fail-over', finding.says);
}

/** Where a person has to be asked, nothing is done by itself. */
function triggerOf({ answer, asks }: PrimaryRule, { triggers }: Policy): Trigger {
  if (answer === 'none') return 'manual';
  return asks === true && triggers[answer] === 'automatic' ? 'approve' : triggers[answer];
}

/** What can be undone may begin at the first signs, where a failover could follow. */
function mayPrepare(world: World, policy: Policy, rule: PrimaryRule | undefined, known: boolean): boolean {
  const { brake, lastGood, preparedSince, stretches } = world;
  if (policy.suspicionAfter === 0 || preparedSince !== undefined || lastGood === undefined || brake.on || known)
    return false;
  if (Object.values(policy.triggers).every((trigger) => trigger === 'manual')) return false;
  if (rule?.served === true) return false;
  if (obstaclesNow(world).some((one) => stopsBy(one, policy))) return false;
  let left = policy.suspicionAfter;
  for (const { looks, sightings } of [...stretches].reverse()) {
    if (!isSuspect(sightings)) return false;
    left -= looks;
    if (left <= 0) return true;
  }
  return false;
}
