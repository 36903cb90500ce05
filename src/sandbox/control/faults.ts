/** Raising and lifting faults on the board, as the control channel answers it. */

import { isoTime } from '../../kernel/clock.ts';
import { usageError } from '../../kernel/errors.ts';
import type { SandboxCore } from '../contract.ts';
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
  const raised = faultAnswer(await board.raise(spec));
  note(core, 'raised', raised);
  return raised;
}

/** One fault by its id, or all, the last one first. */
export async function liftFaults({ board, core }: Faulty, id: string): Promise<FaultAnswer[]> {
  const standing = board.list();
  const chosen = id === 'all' ? standing.toReversed() : standing.filter((fault) => fault.id === id);
  if (chosen.length === 0 && id !== 'all') {
    throw usageError('No such fault stands.', {
      given: id,
      allowed: [...standing.map((fault) => fault.id), 'all'].join(', '),
    });
  }
  return liftAll({ board, core }, chosen);
}

/** The Region comes back, whoever made it dark. */
export async function bringBack({ board, core, faults }: Faulty, region: string): Promise<FaultAnswer[]> {
  if (!core.regions.includes(region))
    throw usageError('There is no such Region in this sandbox.', { given: region, allowed: core.regions.join(', ') });
  if (!core.region(region).dark) throw usageError("The Region isn't dark.", { given: region });
  const dark = board.list().filter(({ spec }) => spec.kind === 'dark' && spec.region === region);
  const lifted = await liftAll({ board, core }, dark);
  await faults.bringBack(region);
  return lifted;
}

async function liftAll(
  { board, core }: Pick<Faulty, 'board' | 'core'>,
  chosen: readonly StandingFault[],
): Promise<FaultAnswer[]> {
  const lifted: FaultAnswer[] = [];
  for (const fault of chosen) {
    // It may have been lifted by somebody else meanwhile.
    if ((await board.lift(fault.id)) === undefined) continue;
    lifted.push(faultAnswer(fault));
    note(core, 'lifted', faultAnswer(fault));
  }
  return lifted;
}

/** In the sandbox's own log: what went wrong after it is no riddle then. */
const note = ({ log }: Pick<SandboxCore, 'log'>, what: 'raised' | 'lifted', { id, kind, parameters }: FaultAnswer) =>
  log({ service: 'faults', text: `${what} ${id}: ${kind} ${JSON.stringify(parameters)}` });

function faultAnswer({ id, spec, since }: StandingFault): FaultAnswer {
  const { kind, ...parameters } = spec;
  return { id, kind, parameters, since: isoTime(since) };
}
