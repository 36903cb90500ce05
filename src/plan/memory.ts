/**
 * What the watcher remembers: looks in a row that say the same are one stretch, so that hours of calm are one entry and what a restart
 * needs is small. Pure: each function answers the next memory.
 */

import type { Finding, FindingCode } from './findings.ts';
import { isServed } from './view.ts';
import type { Look, Memory, Stretch } from './world.ts';

/** Stretches kept, and for how long after they ended: enough to see that a primary flaps. */
const kept = 40;
const horizon = 15 * 60_000;
/** Looks further apart than this don't follow on each other: nobody knows what was in between. */
export const gap = 2 * 60_000;

export const nothingSeen: Memory = { stretches: [], lastGood: undefined, spells: {} };

export function withLook(memory: Memory, look: Look): Memory {
  const last = memory.stretches.at(-1);
  const before = last === undefined || look.at - last.at > gap ? [] : memory.stretches;
  const same = before.length > 0 && last !== undefined && saysTheSame(last, look);
  const next: Stretch = same
    ? { ...last, at: look.at, looks: last.looks + 1, sightings: look.sightings }
    : { since: look.at, at: look.at, looks: 1, sightings: look.sightings };
  return {
    spells: before.length === 0 ? {} : memory.spells,
    stretches: [...(same ? before.slice(0, -1) : before.map(brief)), next]
      .filter(({ at }) => look.at - at <= horizon)
      .slice(-kept),
    lastGood: isServed(look.sightings) ? look.at : memory.lastGood,
  };
}

/** The first and the last look of each stretch, oldest first: those between said the same. */
export const looksOf = ({ stretches }: Memory): Look[] =>
  stretches.flatMap(({ since, at, sightings }) =>
    since === at ? [{ at, sightings }] : [since, at].map((when) => ({ at: when, sightings })),
  );

/** Looks that don't agree end no spell. `passed` are findings that none of the last looks shows any more. */
export function withFindings(memory: Memory, found: readonly Finding[], passed: ReadonlySet<FindingCode>): Memory {
  const standing = Object.entries(memory.spells).filter(([code]) => !passed.has(code as FindingCode));
  const holding = found.filter(({ code }) => code !== 'unclear').map(({ code, since }) => [code, since] as const);
  return { ...memory, spells: Object.fromEntries([...standing, ...holding]) };
}

function saysTheSame(stretch: Stretch, look: Look): boolean {
  return (
    stretch.sightings.length === look.sightings.length &&
    look.sightings.every(({ observer, verdict }) =>
      stretch.sightings.some((known) => known.observer === observer && known.verdict === verdict),
    )
  );
}

/** What exactly was seen matters of the latest look alone. */
const brief = (stretch: Stretch): Stretch =>
  stretch.sightings.every(({ seen }) => seen === '')
    ? stretch
    : { ...stretch, sightings: stretch.sightings.map((sighting) => ({ ...sighting, seen: '' })) };
