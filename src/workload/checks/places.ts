/** Whether the Regions and their networks go together. */

import { strongTableRegionSet, strongTableRegionSets } from '../../facts/regions.ts';
import { defaultCidr, networkOf, overlap } from '../cidr.ts';
import type { Workload } from '../config.ts';
import type { Problem } from '../refusal.ts';

export function placeProblems(workload: Workload): Problem[] {
  const { primary, recovery } = workload;
  if (primary.region === recovery.region) {
    return [
      {
        path: ['recovery', 'region'],
        message: 'the recovery Region is the primary Region',
        allowed: 'another Region',
      },
    ];
  }
  return [...networks(workload), ...witness(workload), ...cutover(workload)];
}

/** Of existing VPCs the blocks are unknown here. */
function networks({ primary, recovery }: Workload): Problem[] {
  if (primary.network !== undefined || recovery.network !== undefined) return [];
  const blocks = { primary: primary.cidr ?? defaultCidr.primary, recovery: recovery.cidr ?? defaultCidr.recovery };
  const [one, other] = [networkOf(blocks.primary), networkOf(blocks.recovery)];
  if (one === undefined || other === undefined || !overlap(one, other)) return [];
  // The one that was written is the one to change.
  const path = recovery.cidr === undefined ? ['primary', 'cidr'] : ['recovery', 'cidr'];
  return [
    {
      path,
      message: `the networks of both Regions overlap: ${blocks.primary} and ${blocks.recovery} could never be joined`,
      allowed: 'blocks that share no address',
    },
  ];
}

/** The state of three Regions is one strongly consistent table, which DynamoDB keeps in certain sets only. */
function witness({ primary, recovery, witness: third }: Workload): Problem[] {
  if (third === undefined) return [];
  const two = [primary.region, recovery.region];
  const path = ['witness', 'region'];
  if (two.includes(third.region)) {
    return [{ path, message: 'it is one of the other two Regions', allowed: allowedWitnesses(two) }];
  }
  if (strongTableRegionSet([...two, third.region]) !== undefined) return [];
  return [
    {
      path,
      message: `DynamoDB keeps no table strongly consistent in ${[...two, third.region].join(', ')}`,
      allowed: allowedWitnesses(two),
    },
  ];
}

/** A dark primary says nothing: only a lease that has run out says that it can't write. */
function cutover({ primary, recovery, witness: third, database, steps }: Workload): Problem[] {
  if (database.cutover !== 'open-early') return [];
  const problems: Problem[] = Object.entries(steps).flatMap(([name, step]) =>
    (['before', 'after'] as const).flatMap((where) =>
      step[where] === 'DrainReplica'
        ? [
            {
              path: ['steps', name, where],
              message:
                'no plan of this workload has DrainReplica: with `open-early` the replica is detached in its place',
              allowed: 'another step, like ProveRecoveryWrite',
            },
          ]
        : [],
    ),
  );
  if (third !== undefined) return problems;
  return [
    {
      path: ['database', 'cutover'],
      message:
        'a replica is opened early only once the primary can write no more, and without a witness Region nothing says that of one that is dark',
      allowed: `promote; or a witness Region beside it: ${allowedWitnesses([primary.region, recovery.region])}`,
    },
    ...problems,
  ];
}

function allowedWitnesses(two: readonly string[]): string {
  const set = strongTableRegionSet(two);
  if (set !== undefined) return set.filter((region) => !two.includes(region)).join(', ');
  const sets = strongTableRegionSets.map((one) => one.join(', ')).join('; or ');
  return `no witness: the primary and the recovery Region would have to be of one set (${sets})`;
}
