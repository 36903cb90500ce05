/** Who may connect to an instance: its VPC by its security groups, the internet where it has a public address as well. */

import type { SandboxCore } from '../../contract.ts';
import { machineTables } from './machine-rows.ts';
import { interfaceAt } from './network-interfaces.ts';
import { refusal, refusalFromInternet } from './reachability.ts';
import { packetRefused } from './refused-packets.ts';
import { ec2Tables } from './rows.ts';

/** Privileged ports are bound 8000 above what AWS's users know: a program's 8080 may be either. */
const shift = 8000;
const privileged = 1024;

/** `port` is the one really bound. A refusal is told of. */
export function letsInto(core: SandboxCore, region: string, id: string, fromAddress: string, port: number): boolean {
  const ports = port - shift > 0 && port - shift < privileged ? [port, port - shift] : [port];
  const reasons = ports.map((one) => refusalOf(core, region, id, fromAddress, one));
  if (reasons.includes(undefined)) return true;
  const [reason = ''] = reasons;
  packetRefused(core, region, { fromAddress, to: `${id} on port ${port}`, reason });
  return false;
}

function refusalOf(
  core: SandboxCore,
  region: string,
  id: string,
  fromAddress: string,
  port: number,
): string | undefined {
  const row = machineTables(core, region).instances.get(id);
  if (row === undefined) return 'it is gone';
  // The groups of this moment: they may have been changed since it was launched.
  const groupIds = ec2Tables(core, region).interfaces.get(row.interfaceId)?.groupIds ?? row.groupIds;
  const asked = { fromAddress, toSecurityGroups: groupIds, port };
  const isInside = interfaceAt(core, region, fromAddress)?.vpcId === row.vpcId;
  return isInside || row.publicAddress === undefined
    ? refusal(core, region, asked)
    : refusalFromInternet(core, region, { ...asked, toSubnets: [row.subnetId] });
}
