/** The service in a sandbox as its customers see it: names are the sandbox's own, low ports stand elsewhere, and its certificates are its authority's. */

import { readFileSync } from 'node:fs';
import type { Sight, Visit } from '../engines/traffic/probe.ts';
import { visit } from '../engines/traffic/probe.ts';
import type { RunningAws } from '../sandbox/aws.ts';

export function sandboxSight({ network, trust }: Pick<RunningAws, 'network' | 'trust'>): Sight {
  const addresses = (name: string): readonly string[] => network.resolve(name, 'A', 'outside')?.values ?? [];
  const look = async (url: string, how: Visit) => {
    const { hostname, port, protocol } = new URL(url);
    const [host] = addresses(hostname);
    if (host === undefined) return { status: undefined, seen: 'ENOTFOUND', text: '' };
    const secure = protocol === 'https:';
    const at = { host, port: network.boundPort(Number(port) || (secure ? 443 : 80)) };
    const authority = secure ? readFileSync(trust.PILOT_LIGHT_CA ?? '', 'utf8') : undefined;
    return visit(url, { ...how, at: authority === undefined ? at : { ...at, authority } });
  };
  return {
    addresses: async (name) => addresses(name),
    visit: look,
    get: (url, timeoutMilliseconds, certifiedFor) =>
      look(url, { timeoutMilliseconds, ...(certifiedFor === undefined ? {} : { certifiedFor }) }),
  };
}
