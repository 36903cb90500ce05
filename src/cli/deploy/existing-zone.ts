/** An existing hosted zone: public, and of the name the config gives. */

import type { AccountClients } from '../../aws/account-clients.ts';
import type { Workload } from '../../workload/config.ts';
import type { Existing } from './existing.ts';

export async function zoneProblems({ traffic }: Workload, clients: AccountClients): Promise<Existing> {
  const { zone = '', zoneId = '' } = traffic;
  const found = await described(clients, zoneId);
  if (found === undefined) {
    return problem(
      `The hosted zone ${zoneId} isn't there.`,
      'Correct traffic.zoneId, or leave it out: then a zone is made, and its name servers are to be set at your registrar.',
    );
  }
  const name = (found.Name ?? '').replace(/\.$/, '');
  if (name !== zone) {
    return problem(
      `The hosted zone ${zoneId} is ${name}, the config says ${zone}.`,
      'Correct traffic.zone or traffic.zoneId: they are one zone.',
    );
  }
  if (found.Config?.PrivateZone !== true) return { problems: [], notes: [] };
  return problem(
    `The hosted zone ${zoneId} is private: customers are told nothing of its names.`,
    `Name the public hosted zone of ${zone} in traffic.zoneId.`,
  );
}

const problem = (what: string, next: string): Existing => ({ problems: [{ what, next }], notes: [] });

async function described(clients: AccountClients, Id: string) {
  const { GetHostedZoneCommand } = await import('@aws-sdk/client-route-53');
  try {
    return (await (await clients.route53()).send(new GetHostedZoneCommand({ Id }))).HostedZone;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchHostedZone') return undefined;
    throw error;
  }
}
