/** Tells whoever depends on reachability (load balancers) that rules, routes or interfaces of a Region changed. */

import type { SandboxCore } from '../../contract.ts';

const listeners = new WeakMap<SandboxCore, Set<(region: string) => void>>();

/** Calls `listener` with the Region after each change. Answers a function that ends the subscription. */
export function onNetworkChange(core: SandboxCore, listener: (region: string) => void): () => void {
  const set = listeners.get(core) ?? new Set();
  listeners.set(core, set.add(listener));
  return () => set.delete(listener);
}

export function networkChanged(core: SandboxCore, region: string): void {
  for (const listener of listeners.get(core) ?? []) listener(region);
}
