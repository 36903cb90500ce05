/**
 * Since when customers can't have written, by the looks: the public name doesn't answer us, and Route 53's checkers, who look from many
 * places, don't reach the primary either. One of them alone may be our own blindness, and says nothing of customers.
 */

import type { Look, Observer } from '../plan/world.ts';

/** Looks older than this are no news. */
const fresh = 2 * 60_000;

/** The first of the latest looks that all agree, epoch milliseconds. */
export function unansweredSince(looks: readonly Look[], now: number): number | undefined {
  const last = looks.at(-1);
  if (last === undefined || now - last.at > fresh) return undefined;
  let since: number | undefined;
  for (const look of [...looks].reverse()) {
    if (!failed(look, 'public-name') || !failed(look, 'route53-verdict')) break;
    since = look.at;
  }
  return since;
}

const failed = (look: Look, observer: Observer): boolean =>
  look.sightings.some((sighting) => sighting.observer === observer && sighting.verdict === 'failed');
