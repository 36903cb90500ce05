/** How many instances of a type there is room for: none where a zone, or the whole Region, has run out of it. */

import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { InstanceRow } from './machine-rows.ts';
import { machineTables } from './machine-rows.ts';
import { zonesOf } from './zones.ts';

/**
 * Answers a count between the two asked for, or refuses as EC2 does.
 * Source: EC2 User Guide, "Insufficient instance capacity"; the sentence about other zones is seen in ITISFoundation/osparc-simcore#3629.
 * Auto Scaling repeats the text in its activities.
 */
export function capacityFor(
  core: SandboxCore,
  region: string,
  type: string,
  zone: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const count = Math.min(most, left(core, region, type, zone));
  if (count >= least) return count;
  const others = zonesOf(region).filter((other) => left(core, region, type, other) >= least);
  const elsewhere =
    others.length === 0
      ? ''
      : ` You can currently get ${type} capacity by not specifying an Availability Zone in your request or choosing ${others.join(', ')}.`;
  throw new AwsError(
    'InsufficientInstanceCapacity',
    `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity.${elsewhere}`,
    { status: 500 },
  );
}

function left(core: SandboxCore, region: string, type: string, zone: string): number {
  const exhausted = core.faults
    .standing('no-capacity')
    .some((fault) => fault.region === region && (fault.instanceType ?? type) === type && (fault.zone ?? zone) === zone);
  if (exhausted) return 0;
  const { capacity, instances } = machineTables(core, region);
  const limit = capacity.get(type) ?? Number.POSITIVE_INFINITY;
  return limit - instances.values().filter((row) => row.instanceType === type && holdsCapacity(row)).length;
}

const holdsCapacity = (row: InstanceRow): boolean =>
  row.state === 'pending' || row.state === 'running' || row.state === 'stopping';
