/** Raising and lifting faults on the board, as the control channel answers it. */

import { isoTime } from '../../kernel/clock.ts';
import { usageError } from '../../kernel/errors.ts';
import type { FaultBoard, StandingFault } from '../faults/board.ts';
import type { RunningSandbox } from '../sandbox.ts';
import { parseFault } from './fault-input.ts';
import type { FaultAnswer } from './protocol.ts';

type Faulty = Pick<RunningSandbox, 'board' | 'core' | 'faults'>;

export const standingFaults = (board: FaultBoard): FaultAnswer[] => board.list().map(faultAnswer);

export async function raiseFault({ board, core }: Faulty, given: Record<string, unknown>): Promise<FaultAnswer> {
  const spec = parseFault(given, core.regions);
  if (spec.kind === 'dark' && core.region(spec.region).dark)
    throw usageError('The Region is dark already.', { given: spec.region });
  return faultAnswer(await board.raise(spec));
}

/** One fault by its id, or all, the last one first. */
export async function liftFaults({ board }: Faulty, id: string): Promise<FaultAnswer[]> {
  const standing = board.list();
  const chosen = id === 'all' ? standing.toReversed() : standing.filter((fault) => fault.id === id);
  if (chosen.length === 0 && id !== 'all') {
    throw usageError('No such fault stands.', {
      given: id,
      allowed: [...standing.map((fault) => fault.id), 'all'].join(', '),
    });
  }
  const lifted: FaultAnswer[] = [];
  for (const fault of chosen) {
    // It may have been lifted by somebody else meanwhile.
    if ((await board.lift(fault.id)) !== undefined) lifted.push(faultAnswer(fault));
  }
  return lifted;
}

/** The Region comes back, whoever made it dark. */
export async function bringBack({ board, core, faults }: Faulty, region: string): Promise<FaultAnswer[]> {
  if (!core.regions.includes(region))
    throw usageError('There is no such Region in this sandbox.', { given: region, allowed: core.regions.join(', ') });
  if (!core.region(region).dark) throw usageError("The Region isn't dark.", { given: region });
  const lifted: FaultAnswer[] = [];
  for (const fault of board.list()) {
    if (fault.spec.kind !== 'dark' || fault.spec.region !== region) continue;
    if ((await board.lift(fault.id)) !== undefined) lifted.push(faultAnswer(fault));
  }
  await faults.bringBack(region);
  return lifted;
}

function faultAnswer({ id, spec, since }: StandingFault): FaultAnswer {
  const { kind, ...parameters } = spec;
  return { id, kind, parameters, since: isoTime(since) };
}
