/**
 * Calls of AWS's APIs at the edge of a VPC: each waits until there is a path for it. A call without one isn't refused but hangs, until its
 * client gives up or a rule or route lets it through: a client sends its first packet again and again.
 */

import { once } from 'node:events';
import type { Origin, SandboxCore } from '../../contract.ts';
import { outside } from '../../contract.ts';
import type { Passage } from '../../gateway/front-door.ts';
import { pathToApi } from './api-paths.ts';
import { networkVersion, onNetworkChange } from './network-changes.ts';
import { packetRefused } from './refused-packets.ts';

interface Opened {
  /** The version of the network the path was judged under. */
  readonly version: number;
  readonly origin: Origin;
}

/** Connections remember what they were opened for: a rule revoked later doesn't end them, a lost route does. */
export function apiPassage(core: SandboxCore): Passage {
  const connections = new WeakMap<object, Map<string, Opened>>();
  return async ({ address, connection }, { service, region: toRegion }, signal) => {
    const region = core.network.placeOf(address);
    if (region === outside) return { address };
    const opened = connections.get(connection) ?? new Map<string, Opened>();
    connections.set(connection, opened);
    const key = `${service} ${toRegion}`;
    for (;;) {
      const version = networkVersion(core, region);
      const known = opened.get(key);
      if (known?.version === version) return known.origin;
      const asked = { region, fromAddress: address, service, toRegion, established: known !== undefined };
      const path = pathToApi(core, asked) ?? { origin: { address } };
      if ('origin' in path) {
        opened.set(key, { version, origin: path.origin });
        return path.origin;
      }
      const to = toRegion === region ? service : `${service} in ${toRegion}`;
      packetRefused(core, region, { fromAddress: address, to, reason: path.refused });
      await nextChange(core, region, signal);
    }
  };
}

/** Rejects with the signal's reason when it is aborted first. */
async function nextChange(core: SandboxCore, region: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop = (): void => {};
  const changed = new Promise<void>((resolve) => {
    stop = onNetworkChange(core, (where) => {
      if (where === region) resolve();
    });
  });
  const done = new AbortController();
  try {
    await Promise.race([changed, once(signal, 'abort', { signal: done.signal })]);
  } finally {
    stop();
    done.abort();
  }
  signal.throwIfAborted();
}
