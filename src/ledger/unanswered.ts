/**
 * Since when customers can't have written, by the looks. Either the public name doesn't answer us, and Route 53's checkers, who look from
 * many places, don't reach the primary either: one of them alone may be our own blindness. Or the application answers us that it would
 * take no write, and its database sends nothing any more: one instance's word alone says nothing of the others.
 */

import type { Condition } from '../plan/view.ts';
import { holds } from '../plan/view.ts';
import type { Look } from '../plan/world.ts';

/** Looks older than this are no news. */
const fresh = 2 * 60_000;

/** The first of the latest looks that all agree, epoch milliseconds. */
export function unansweredSince(looks: readonly Look[], now: number): number | undefined {
  const last = looks.at(-1);
  if (last === undefined || now - last.at > fresh) return undefined;
  let since: number | undefined;
  for (const look of [...looks].reverse()) {
    if (!writeless.some((condition) => holds(condition, look.sightings))) break;
    since = look.at;
  }
  return since;
}

const writeless: readonly Condition[] = [
  { failed: ['public-name', 'route53-verdict'] },
  { well: ['primary-balancer'], failed: ['primary-ready', 'replica-stream'] },
];
