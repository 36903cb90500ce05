/** Whether what the config says is there is there: networks, certificates, hosted zone. CloudFormation would say so after minutes, and of some never: the load balancer would answer nobody. */

import type { AccountClients } from '../../aws/account-clients.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Workload } from '../../workload/config.ts';
import type { Side } from '../../workload/judged.ts';
import { certificateProblems } from './existing-certificates.ts';
import { networkFindings } from './existing-network.ts';
import { zoneProblems } from './existing-zone.ts';
import type { Problem } from './requirements.ts';

export interface Existing {
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

/** Looks in the Regions named only: the others may be dark. */
export async function existingProblems(
  workload: Workload,
  regions: readonly string[],
  clients: (region: string) => AccountClients,
): Promise<Existing> {
  const sides = (['primary', 'recovery'] as const).filter((side) => regions.includes(workload[side].region));
  const looks = [
    ...sides.flatMap((side) => looksOn(workload, side, clients(workload[side].region))),
    ...(workload.traffic.zoneId === undefined ? [] : [zoneLook(workload, clients(regions[0] ?? ''))]),
  ];
  const found = await Promise.all(looks.map(answered));
  return { problems: found.flatMap(({ problems }) => problems), notes: found.flatMap(({ notes }) => notes) };
}

interface Look {
  readonly what: string;
  readonly look: () => Promise<Existing>;
}

function looksOn(workload: Workload, side: Side, clients: AccountClients): Look[] {
  const { network, region } = workload[side];
  const arn = workload.traffic.certificates?.[side];
  return [
    ...(network === undefined
      ? []
      : [{ what: `${region}: the network`, look: () => networkFindings(workload, side, network, clients) }]),
    ...(arn === undefined
      ? []
      : [{ what: `${region}: the certificate`, look: () => certificateProblems(workload, side, arn, clients) }]),
  ];
}

const zoneLook = (workload: Workload, clients: AccountClients): Look => ({
  what: 'The hosted zone',
  look: () => zoneProblems(workload, clients),
});

/** What can't be looked at is no reason to stop. */
async function answered({ look, what }: Look): Promise<Existing> {
  try {
    return await look();
  } catch (error) {
    return { problems: [], notes: [`${what} couldn't be looked at (${messageOf(error)}).`] };
  }
}
