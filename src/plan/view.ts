/** Sightings, asked by observer: what a condition over them is held against. */

import type { Observer, Sighting, Verdict } from './world.ts';

/** Every part that is given has to hold. */
export interface Condition {
  readonly failed?: readonly Observer[];
  readonly anyFailed?: readonly Observer[];
  readonly well?: readonly Observer[];
  readonly notWell?: readonly Observer[];
  readonly notFailed?: readonly Observer[];
}

export const holds = (condition: Condition, sightings: readonly Sighting[]): boolean => {
  const says = (verdict: Verdict) => (observer: Observer) => verdictOf(sightings, observer) === verdict;
  const { failed = [], anyFailed, well = [], notWell = [], notFailed = [] } = condition;
  return (
    failed.every(says('failed')) &&
    (anyFailed === undefined || anyFailed.some(says('failed'))) &&
    well.every(says('well')) &&
    !notWell.some(says('well')) &&
    !notFailed.some(says('failed'))
  );
};

const verdictOf = (sightings: readonly Sighting[], observer: Observer): Verdict =>
  sightings.find((sighting) => sighting.observer === observer)?.verdict ?? 'unknown';

/** Customers are served, writes included, as far as can be seen. */
export const isServed = (sightings: readonly Sighting[]): boolean =>
  (holds({ well: ['primary-balancer'] }, sightings) || holds({ well: ['public-name'] }, sightings)) &&
  holds({ notFailed: ['primary-ready', 'public-name'] }, sightings);

/** Customers aren't served, as far as can be seen from here. */
export const isDown = (sightings: readonly Sighting[]): boolean =>
  holds({ failed: ['primary-balancer'], notWell: ['public-name', 'route53-verdict'] }, sightings) ||
  holds({ failed: ['primary-ready'], well: ['primary-balancer'] }, sightings);

/** The first sign: too early to tell an outage from a link that is down. */
export const isSuspect = (sightings: readonly Sighting[]): boolean =>
  holds({ failed: ['primary-balancer'], notWell: ['public-name'] }, sightings) ||
  holds({ failed: ['primary-ready', 'replica-stream'] }, sightings);
