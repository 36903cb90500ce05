/** Worlds for tests of the decision: looks told by what differs from a kind of day. */

import type { ApprovalRequest } from '../../src/plan/approval.ts';
import { findOfPrimary, findOfRecovery, passedOf } from '../../src/plan/find.ts';
import type { Finding } from '../../src/plan/findings.ts';
import { nothingSeen, withFindings, withLook } from '../../src/plan/memory.ts';
import type { Policy } from '../../src/plan/policy.ts';
import { policyOf } from '../../src/plan/policy.ts';
import type { Look, Observer, Verdict, World } from '../../src/plan/world.ts';
import { observers, primaryObservers } from '../../src/plan/world.ts';

export type Verdicts = Readonly<Record<Observer, Verdict>>;

/** Milliseconds between looks, and when the first is taken. */
export const every = 5000;
export const begin = Date.UTC(2026, 0, 1);

export const automatic: Policy = policyOf({
  policy: 'automatic',
  watch: { agreeing: 3, intervalSeconds: 5, probeTimeoutSeconds: 3, alarms: [], resolvedBy: [] },
});

/** A workload without alarms of its own. */
export const well: Verdicts = {
  ...(Object.fromEntries(observers.map((observer) => [observer, 'well'])) as Verdicts),
  'primary-alarms': 'unknown',
  'outside-alarms': 'unknown',
};
const failing = (...names: readonly Observer[]): Verdicts => ({
  ...well,
  ...Object.fromEntries(names.map((observer) => [observer, 'failed' as const])),
});
export const dark: Verdicts = {
  ...failing(...primaryObservers),
  'primary-alarms': 'unknown',
  'outside-alarms': 'unknown',
};
export const days = {
  well,
  dark,
  /** As a dark Region looks in its first seconds: Route 53 and the replica take a while to notice. */
  justDark: { ...dark, 'route53-verdict': 'well', 'replica-stream': 'well' },
  blind: { ...dark, 'route53-verdict': 'well' },
  stillSending: { ...dark, 'replica-stream': 'well' },
  nobodyOutside: { ...dark, 'route53-verdict': 'unknown', 'public-name': 'unknown' },
  applicationDown: failing('public-name', 'primary-balancer', 'primary-ready', 'route53-verdict'),
  noWrites: failing('primary-ready'),
  databaseDown: failing('primary-ready', 'replica-stream'),
  serviceDown: failing('public-name', 'primary-balancer', 'primary-ready', 'route53-verdict', 'replica-stream'),
  nameDown: failing('public-name'),
  apisDown: failing('primary-apis'),
  alarm: { ...well, 'primary-alarms': 'failed' },
} as const satisfies Record<string, Verdicts>;

export interface Given extends Partial<Omit<World, 'stretches' | 'lastGood' | 'spells'>> {
  readonly policy?: Policy;
}

/** Looks one after the other, each remembered and judged as a watcher does. */
export function worldAfter(looks: readonly Verdicts[], { policy = automatic, ...change }: Given = {}): World {
  let world: World = {
    ...nothingSeen,
    active: 'primary',
    epoch: 1,
    holder: undefined,
    brake: { on: false, why: '' },
    lockedOutUntil: 0,
    ...change,
  };
  for (const [index, verdicts] of looks.entries()) {
    const at = begin + index * every;
    world = { ...world, ...withLook(world, lookAt(at, verdicts)) };
    // Where looks go on saying the same nothing new is found but now and then.
    const { looks: same = 0 } = world.stretches.at(-1) ?? {};
    if (same > policy.agreeing && same % 12 !== 0) continue;
    const found: Finding[] = [findOfPrimary(world, policy, at).finding, ...findOfRecovery(world, policy, at)];
    world = { ...world, ...withFindings(world, found, passedOf(world, policy, at)) };
  }
  return world;
}

/** A request that a person approved a moment ago, unless said otherwise. */
export const requestOf = (change: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  id: 'r1',
  epoch: 1,
  finding: 'primary-region-dark',
  since: begin,
  ordinal: 1,
  sentence: '',
  evidence: [],
  accepts: [],
  quote: { at: begin, says: '', objectiveSeconds: 60, within: true, beyond: [], parts: [], unknown: [] },
  askedAt: begin,
  expiresAt: begin + 15 * 60_000,
  state: 'approved',
  ...change,
});

/** When the last of so many looks was taken. */
export const lastOf = (looks: readonly unknown[]): number => begin + (looks.length - 1) * every;

const lookAt = (at: number, verdicts: Verdicts): Look => ({
  at,
  sightings: observers.map((observer) => ({ observer, verdict: verdicts[observer], at, seen: 'seen' })),
});

export const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
