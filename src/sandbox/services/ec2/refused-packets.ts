/** The sandbox's log names why a packet didn't arrive, once for each sender, target and reason: on AWS there is only silence. */

import type { SandboxCore } from '../../contract.ts';
import { outside } from '../../contract.ts';
import { machineTables } from './machine-rows.ts';
import { interfaceAt } from './network-interfaces.ts';
import type { ConnectionAsked, InternetAsked } from './reachability.ts';
import { refusal, refusalFromInternet } from './reachability.ts';
import type { InterfaceRow } from './rows.ts';

export interface RefusedPacket {
  /** The 127/8 address it came from. */
  readonly fromAddress: string;
  /** As a reader knows it: `sqs`, `database photos`, `i-0abc`. */
  readonly to: string;
  /** `subnet-… has no route to it` */
  readonly reason: string;
}

/** Whether something private lets a connection in; a refusal is told of. */
export const lets = (core: SandboxCore, region: string, asked: ConnectionAsked, to: string): boolean =>
  isLetIn(core, region, { fromAddress: asked.fromAddress, to, reason: refusal(core, region, asked) });

/** The same for something with a public address. */
export const letsFromInternet = (core: SandboxCore, region: string, asked: InternetAsked, to: string): boolean =>
  isLetIn(core, region, { fromAddress: asked.fromAddress, to, reason: refusalFromInternet(core, region, asked) });

function isLetIn(
  core: SandboxCore,
  region: string,
  { fromAddress, to, reason }: Omit<RefusedPacket, 'reason'> & { readonly reason: string | undefined },
): boolean {
  if (reason !== undefined) packetRefused(core, region, { fromAddress, to, reason });
  return reason === undefined;
}

const told = new WeakMap<SandboxCore, Set<string>>();

export function packetRefused(core: SandboxCore, region: string, { fromAddress, to, reason }: RefusedPacket): void {
  const text = `${senderAt(core, fromAddress)} can't reach ${to}: ${reason}`;
  const known = told.get(core) ?? new Set();
  told.set(core, known);
  if (known.has(text)) return;
  known.add(text);
  core.log({ service: 'network', region, text });
}

function senderAt(core: SandboxCore, address: string): string {
  const place = core.network.placeOf(address);
  if (place === outside || !core.regions.includes(place)) return `a caller outside (${address})`;
  const row = interfaceAt(core, place, address);
  return row === undefined ? `a caller of ${place} outside of its VPCs` : nameOf(core, place, row);
}

/** What has the interface: an instance's id, a function's name, a load balancer's path. */
function nameOf(core: SandboxCore, region: string, row: InterfaceRow): string {
  if (row.kind === 'instance') {
    const { instances } = machineTables(core, region);
    return instances.values().find(({ interfaceId }) => interfaceId === row.id)?.id ?? row.id;
  }
  const name = /^(?:AWS Lambda VPC ENI-|ELB )(.+)$/.exec(row.description)?.[1];
  if (name === undefined) return row.id;
  return row.kind === 'function' ? `function ${name}` : `load balancer ${name}`;
}
