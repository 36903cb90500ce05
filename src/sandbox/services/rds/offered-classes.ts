/** Which database classes a Region and its zones offer for an engine: asked for, and required of an instance. */

import { databaseClassesIn, isDatabaseClass } from '../../../facts/offerings.ts';
import { AwsError, type SandboxCore } from '../../contract.ts';
import type { EngineVersion } from './engines.ts';
import { invalidCombination, invalidValue } from './errors.ts';

type Faults = Pick<SandboxCore, 'faults'>;

const zonesIn = (region: string): string[] => ['a', 'b', 'c'].map((letter) => `${region}${letter}`);

/** None where the Region doesn't offer it. */
export function zonesOffering(
  { faults }: Faults,
  region: string,
  engine: EngineVersion['engine'],
  name: string,
): string[] {
  if (!databaseClassesIn(region, engine).includes(name)) return [];
  const withheld = faults
    .standing('not-offered')
    .filter((fault) => fault.region === region && fault.instanceType === name);
  return zonesIn(region).filter((zone) => !withheld.some((fault) => (fault.zone ?? zone) === zone));
}

/**
 * Refuses a class that isn't there, or isn't offered in the Region.
 * Source of the text: as RDS answers for a class and an engine version that don't go together, in terraform-provider-aws's issues.
 */
export function checkClass(core: Faults, region: string, version: EngineVersion, name: string): void {
  if (!isDatabaseClass(name)) throw invalidValue(`Invalid DB Instance class: ${name}`);
  if (zonesOffering(core, region, version.engine, name).length > 0) return;
  throw invalidCombination(
    `RDS does not support creating a DB instance with the following combination: DBInstanceClass=${name}, Engine=${version.engine}, ` +
      `EngineVersion=${version.version}, LicenseModel=general-public-license. ` +
      'For supported combinations of instance class and database engine version, see the documentation.',
  );
}

/** The zone an instance gets: the one it asks for, or the first of those it may stand in that offers its class. */
export function zoneFor(
  core: Faults,
  region: string,
  { version, class: name }: { readonly version: EngineVersion; readonly class: string },
  { asked, allowed }: { readonly asked: string | undefined; readonly allowed: readonly string[] },
): string {
  const offering = zonesOffering(core, region, version.engine, name);
  const possible = asked === undefined ? allowed : [asked];
  const zone = possible.find((one) => offering.includes(one));
  if (zone !== undefined) return zone;
  throw new AwsError(
    'InsufficientDBInstanceCapacity',
    "The specified DB instance class isn't available in the specified Availability Zone.",
  );
}
