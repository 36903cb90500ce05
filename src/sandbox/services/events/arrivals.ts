/**
 * How often an event that was put arrives: once, unless a fault loses or doubles it. Whoever put it has been told that it was accepted.
 * Services send on a best-effort basis, and EventBridge delivers at least once.
 */

import type { SandboxCore } from '../../contract.ts';
import { meets } from '../../faults/chance.ts';

export function arrivals({ faults, random }: SandboxCore, region: string, source: string): 0 | 1 | 2 {
  const met = (kind: 'dropped-events' | 'doubled-events'): boolean =>
    faults
      .standing(kind)
      .some((fault) => fault.region === region && (fault.source ?? source) === source && meets(random, fault));
  if (met('dropped-events')) return 0;
  return met('doubled-events') ? 2 : 1;
}
