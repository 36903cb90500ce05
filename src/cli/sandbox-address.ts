/** Where a deployed workload is to be seen: its name is one inside the sandbox only, so the address it leads to is said beside it. */

import { balancerName } from '../engines/traffic/balancer.ts';
import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { schemeOf } from '../workload/judged.ts';
import { namesOf } from '../workload/names.ts';
import type { SandboxTarget } from './sandbox-target.ts';
import { shellWord } from './shell-word.ts';

export interface Address {
  /** As customers have it. */
  readonly url: string;
  /** Where it leads now: a failover changes it. */
  readonly address: string;
  readonly port: number;
  /** By whom names are told, as host:port, and of which to ask after a failover. */
  readonly dns: string;
  readonly afterwards: string;
  /** The authority of its certificate, with HTTPS. */
  readonly authority?: string;
}

/** Where nobody leads customers, the primary Region's load balancer by its own name. */
export async function addressToOpen(target: SandboxTarget, workload: Workload): Promise<Address | undefined> {
  const { latch, name } = workload.traffic;
  const own = (side: Side) => balancerName(target.clients(workload[side].region), namesOf(workload).loadBalancer);
  const isLed = latch !== 'none' && name !== undefined;
  const led = isLed ? name : await own('primary');
  const afterwards = isLed ? name : await own('recovery');
  const [address] = led === undefined ? [] : await target.addressesOf(led);
  if (led === undefined || afterwards === undefined || address === undefined) return undefined;
  const scheme = schemeOf(workload);
  const { PILOT_LIGHT_CA: authority, PILOT_LIGHT_DNS: dns = '' } = target.environment;
  return {
    url: `${scheme}://${name ?? led}/`,
    address,
    port: target.sandbox.network.boundPort(scheme === 'https' ? 443 : 80),
    dns,
    afterwards,
    ...(scheme === 'https' && authority !== undefined ? { authority } : {}),
  };
}

export function openLines({ address, afterwards, authority, dns, port, url }: Address): string[] {
  const { hostname, protocol } = new URL(url);
  const trusted = authority === undefined ? '' : `--cacert ${shellWord(authority)} `;
  const [host = '', dnsPort = ''] = dns.split(':');
  return [
    `Open:     ${url}, which leads to ${address}:${port} now:`,
    `          curl ${trusted}--connect-to ${hostname}:${protocol === 'https:' ? 443 : 80}:${address}:${port} ${url}`,
    `          After a failover: dig +short @${host} -p ${dnsPort} ${afterwards}`,
  ];
}
