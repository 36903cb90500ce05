/** Tells whoever depends on reachability (load balancers, calls that wait for a path) that rules, routes or interfaces of a Region changed. */

import type { SandboxCore } from '../../contract.ts';

interface Watched {
  readonly listeners: Set<(region: string) => void>;
  readonly versions: Map<string, number>;
}

const networks = new WeakMap<SandboxCore, Watched>();

/** Calls `listener` with the Region after each change. Answers a function that ends the subscription. */
export function onNetworkChange(core: SandboxCore, listener: (region: string) => void): () => void {
  const { listeners } = watched(core);
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function networkChanged(core: SandboxCore, region: string): void {
  const { listeners, versions } = watched(core);
  versions.set(region, networkVersion(core, region) + 1);
  for (const listener of listeners) listener(region);
}

/** Rises with each change of the Region's network: what was judged under one version holds as long as it does. */
export const networkVersion = (core: SandboxCore, region: string): number => watched(core).versions.get(region) ?? 0;

function watched(core: SandboxCore): Watched {
  const known = networks.get(core) ?? { listeners: new Set(), versions: new Map() };
  networks.set(core, known);
  return known;
}
