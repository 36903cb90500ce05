/** The decision: pure, read top to bottom, the same for the watcher, a person's question and a test over generated worlds. */

import type { Finding } from './findings.ts';
import { findingOf } from './findings.ts';
import type { Policy, World } from './world.ts';

export const decisionCodes = ['hold', 'warn', 'ask', 'fail-over'] as const;
export type DecisionCode = (typeof decisionCodes)[number];

export interface Decision {
  readonly code: DecisionCode;
  readonly sentence: string;
  readonly finding: Finding;
  /** When the primary last answered from outside, epoch milliseconds. */
  readonly lastGood: number | undefined;
}

export function decide(world: World, policy: Policy, now: number): Decision {
  const finding = findingOf(world.looks, policy.agreeing);
  const lastGood = lastGoodOf(world);
  const answer = (code: DecisionCode, sentence: string): Decision => ({ code, sentence, finding, lastGood });

  if (finding.code === 'all-well') return answer('hold', finding.says);
  if (world.active !== 'primary') return answer('hold', 'the recovery Region is already the active one');
  if (world.holder !== undefined) return answer('hold', `run ${world.holder} is under way`);
  if (finding.code === 'unclear') return answer('hold', finding.says);
  if (!finding.actionable) return answer('warn', finding.says);
  if (lastGood === undefined)
    return answer('warn', `${finding.says}; but it was never seen well, so nothing says this is an outage`);
  if (world.brake.on) return answer('warn', `${finding.says}; the brake is on: ${world.brake.why}`);
  if (now < world.lockedOutUntil) return answer('warn', `${finding.says}; automation is locked out after the last run`);
  if (policy.trigger === 'manual') return answer('warn', finding.says);
  if (policy.trigger === 'approve') return answer('ask', finding.says);
  return answer('fail-over', finding.says);
}

function lastGoodOf(world: World): number | undefined {
  const good = world.looks
    .flatMap(({ sightings }) => sightings)
    .filter(
      ({ observer, verdict }) => verdict === 'well' && (observer === 'public-name' || observer === 'primary-balancer'),
    );
  return good.reduce<number | undefined>((latest, { at }) => Math.max(latest ?? at, at), undefined);
}
