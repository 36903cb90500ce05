/**
 * Which findings hold in a world. Pure.
 *
 *  1. A finding holds only when each of the last `agreeing` looks shows it, and the last look is of now.
 *  2. It has lasted since it came, but no longer than since customers were last served.
 *  3. A primary that comes and goes is neither well nor down until it stays so.
 */

import type { Finding, FindingCode, PrimaryRule, RecoveryRule } from './findings.ts';
import { flapping, primaryRules, recoveryRules } from './findings.ts';
import { gap } from './memory.ts';
import type { Policy } from './policy.ts';
import type { Condition } from './view.ts';
import { holds, isDown, isServed } from './view.ts';
import type { Sighting, Stretch, World } from './world.ts';

export interface Found {
  readonly finding: Finding;
  readonly rule: PrimaryRule | undefined;
}

/** What holds of the primary Region. Without a rule: flapping, or unclear. */
export function findOfPrimary(world: World, policy: Policy, now: number): Found {
  const evidence = evidenceOf(world);
  const agreed = lastLooks(world, policy, now);
  if (agreed === undefined) return { finding: unclear(evidence, now), rule: undefined };
  const rule = primaryRules.find(({ when }) => agreed.every(shows(when)));
  if (rule?.code !== 'recovery-blind') {
    const since = flappingSince(world.stretches, policy.agreeing, now);
    if (since !== undefined) {
      const { code, says } = flapping;
      return { finding: { code, says, since: sinceOf(world, code, since), settled: true, evidence }, rule: undefined };
    }
  }
  if (rule === undefined) return { finding: unclear(evidence, now), rule };
  const { code, says } = rule;
  const since = sinceOf(world, code, heldSince(world.stretches, rule.when));
  // Alarms may ring while customers are served.
  const outage = rule.answer !== 'none' && agreed.every(({ sightings }) => !isServed(sightings));
  const lasted = now - Math.max(since, outage ? (world.lastGood ?? 0) : 0);
  return { finding: { code, says, since, settled: lasted >= 1000 * settlesAfter(rule, policy), evidence }, rule };
}

/** What holds of the recovery Region, the gravest first. */
export function findOfRecovery(world: World, policy: Policy, now: number): Finding[] {
  const evidence = evidenceOf(world);
  const agreed = lastLooks(world, policy, now);
  if (agreed === undefined) return [];
  return recoveryRules
    .filter(({ when }) => agreed.every(shows(when)))
    .map((rule) => {
      const since = sinceOf(world, rule.code, heldSince(world.stretches, rule.when));
      const settled = now - since >= 1000 * rule.settles;
      return { code: rule.code, says: rule.says, since, settled, evidence };
    });
}

/** Findings that can't hold any more: another one of the primary does, or none of the last looks shows them. */
export function passedOf(world: World, policy: Policy, now: number): ReadonlySet<FindingCode> {
  const { finding } = findOfPrimary(world, policy, now);
  const agreed = lastLooks(world, policy, now);
  const others =
    finding.code === 'unclear'
      ? []
      : [flapping, ...primaryRules].map(({ code }) => code).filter((code) => code !== finding.code);
  const gone = recoveryRules.filter(({ when }) => agreed !== undefined && !agreed.some(shows(when)));
  return new Set([...others, ...gone.map(({ code }) => code)]);
}

/** Those about the recovery Region that the very last look shows: what stands in the way of acting now. */
export const obstaclesNow = (world: World): readonly RecoveryRule[] =>
  recoveryRules.filter(({ when }) => world.stretches.slice(-1).some(shows(when)));

/** The stretches that hold the last looks that must agree, latest first; undefined when there are too few of late. */
function lastLooks({ stretches }: World, { agreeing }: Policy, now: number): readonly Stretch[] | undefined {
  if (!isOfNow(stretches, now)) return undefined;
  const found: Stretch[] = [];
  let looks = 0;
  for (const stretch of [...stretches].reverse()) {
    found.push(stretch);
    looks += stretch.looks;
    if (looks >= agreeing) return found;
  }
  return undefined;
}

export function isOfNow(stretches: readonly Stretch[], now: number): boolean {
  const latest = stretches.at(-1);
  return latest !== undefined && now - latest.at <= gap;
}

const shows =
  (when: readonly Condition[]) =>
  ({ sightings }: Stretch): boolean =>
    when.some((condition) => holds(condition, sightings));

/** Since when the looks up to now show it without a break. */
function heldSince(stretches: readonly Stretch[], when: readonly Condition[]): number {
  const unbroken = [...stretches].reverse();
  const end = unbroken.findIndex((stretch) => !shows(when)(stretch));
  return (end === -1 ? unbroken.at(-1) : unbroken[end - 1])?.since ?? 0;
}

/** Through looks that don't agree a finding goes on: their spell says since when. */
const sinceOf = ({ spells }: World, code: FindingCode, held: number): number => Math.min(spells[code] ?? held, held);

const settlesAfter = ({ answer, settles }: PrimaryRule, { patience }: Policy): number =>
  answer === 'none' ? settles : Math.max(settles, patience[answer]);

/** Since when the primary flaps; undefined when it doesn't. A look that fails now and then is no fall. */
function flappingSince(stretches: readonly Stretch[], agreeing: number, now: number): number | undefined {
  const isLate = ({ since }: Phase) => now - since < 1000 * flapping.steadySeconds;
  const phases = stretches.reduce<readonly Phase[]>(withStretch, []);
  const long = phases.filter(({ looks }) => looks >= agreeing).reduce<readonly Phase[]>(withPhase, []);
  const falls = fallsIn(long);
  const last = long.at(-1);
  if (falls.length >= flapping.falls && last !== undefined && isLate(last)) return falls[0]?.since;
  const quick = fallsIn(phases).filter(isLate);
  return quick.length >= flapping.quickFalls ? quick[0]?.since : undefined;
}

interface Phase {
  readonly down: boolean;
  readonly since: number;
  readonly looks: number;
}

const fallsIn = (phases: readonly Phase[]): readonly Phase[] => phases.filter(({ down }, index) => down && index > 0);

/** Up and down in turn; what is neither is left out. */
function withStretch(phases: readonly Phase[], { looks, sightings, since }: Stretch): readonly Phase[] {
  const down = isDown(sightings);
  return down || isServed(sightings) ? withPhase(phases, { down, since, looks }) : phases;
}

function withPhase(phases: readonly Phase[], next: Phase): readonly Phase[] {
  const last = phases.at(-1);
  if (last?.down !== next.down) return [...phases, next];
  return [...phases.slice(0, -1), { ...last, looks: last.looks + next.looks }];
}

const evidenceOf = ({ stretches }: World): readonly Sighting[] => stretches.at(-1)?.sightings ?? [];

const unclear = (evidence: readonly Sighting[], now: number): Finding => ({
  code: 'unclear',
  says: evidence.length === 0 ? 'nothing has been seen yet' : "the last looks don't agree, or are of long ago",
  since: now,
  settled: false,
  evidence,
});
