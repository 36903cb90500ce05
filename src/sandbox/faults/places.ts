/** Refuses a fault about a Region or a place that this sandbox doesn't have. */

import { usageError } from '../../kernel/errors.ts';
import { outside } from '../contract.ts';
import type { FaultSpec } from './specs.ts';

export function checkPlaces(spec: FaultSpec, regions: readonly string[]): void {
  const known = { region: regions, from: [outside, ...regions], to: [outside, ...regions] };
  for (const [member, allowed] of Object.entries(known)) {
    const given = (spec as Readonly<Record<string, unknown>>)[member];
    if (given === undefined || (typeof given === 'string' && allowed.includes(given))) continue;
    throw usageError(
      `The fault ${spec.kind} is about a ${member === 'region' ? 'Region' : 'place'} that isn't there.`,
      {
        given: { [member]: given },
        allowed: allowed.join(', '),
      },
    );
  }
}
