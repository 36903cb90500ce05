/** Tells whoever serves certificates (load balancers) that one of a Region was imported anew. */

import type { SandboxCore } from '../../contract.ts';

const listeners = new WeakMap<SandboxCore, Set<(region: string) => void>>();

/** Calls `listener` with the Region after each change. Answers a function that ends the subscription. */
export function onCertificateChange(core: SandboxCore, listener: (region: string) => void): () => void {
  const known = listeners.get(core) ?? new Set();
  listeners.set(core, known);
  known.add(listener);
  return () => known.delete(listener);
}

export function certificateChanged(core: SandboxCore, region: string): void {
  for (const listener of listeners.get(core) ?? []) listener(region);
}
