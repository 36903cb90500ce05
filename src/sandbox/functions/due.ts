/** Which of a function's invocations a fault meets that is about every so manieth: the first, and from there on. */

import type { FaultOf } from '../faults/specs.ts';

type Fault = FaultOf<'killed-function'>;

/** As long as a fault stands it is one and the same object. */
const counts = new WeakMap<Fault, Map<string, number>>();

/** Counts one invocation of the function; answers whether it is to be killed. */
export function isDue(fault: Fault, name: string): boolean {
  const ofFault = counts.get(fault) ?? new Map<string, number>();
  counts.set(fault, ofFault);
  const before = ofFault.get(name) ?? 0;
  ofFault.set(name, before + 1);
  return before % (fault.every ?? 1) === 0;
}
