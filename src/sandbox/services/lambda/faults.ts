/** Faults about functions name functions that are there. */

import { usageError } from '../../../kernel/errors.ts';
import type { SandboxCore } from '../../contract.ts';
import type { FaultActors } from '../../faults/board.ts';
import { lambdaTables } from './rows.ts';

interface AboutFunction {
  readonly kind: string;
  readonly region: string;
  readonly function?: string | undefined;
}

/** The pool kills, and Step Functions loses answers: both look the faults up by themselves. */
export function functionFaults(core: SandboxCore): FaultActors {
  const check = ({ kind, region, function: name }: AboutFunction): void => {
    const { functions } = lambdaTables(core, region);
    if (name === undefined || functions.has(name)) return;
    const known = functions.values().map((row) => row.name);
    throw usageError(`The fault ${kind} is about a function that isn't in ${region}.`, {
      given: name,
      allowed: known.length === 0 ? `no function is deployed in ${region}` : known.sort().join(', '),
      next: 'Leave the function out to mean all of them.',
    });
  };
  return { 'killed-function': { check }, 'lost-task': { check } };
}
