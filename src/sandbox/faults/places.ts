/** Refuses a fault about a Region, a zone, a place or an instance type that isn't there. */

import { isDatabaseClass, isInstanceType } from '../../facts/offerings.ts';
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
  checkZone(spec);
  checkType(spec);
}

/** A zone is its Region's: the Region's name and a letter. */
function checkZone(spec: FaultSpec): void {
  const { region = '', zone } = spec as { readonly region?: string; readonly zone?: string };
  const zones = ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
  if (zone === undefined || zones.includes(zone)) return;
  throw usageError(`The fault ${spec.kind} is about a zone that isn't there.`, {
    given: { zone },
    allowed: zones.join(', '),
  });
}

/** A misspelt type would stand and never meet a launch. */
function checkType(spec: FaultSpec): void {
  const { instanceType: type } = spec as { readonly instanceType?: string };
  if (type === undefined || isInstanceType(type)) return;
  const ofDatabases = spec.kind === 'not-offered';
  if (ofDatabases && isDatabaseClass(type)) return;
  throw usageError(`The fault ${spec.kind} is about an instance type that isn't there.`, {
    given: { instanceType: type },
    allowed: `a type like t3.small${ofDatabases ? ', or a database class like db.t4g.medium' : ''}`,
  });
}
