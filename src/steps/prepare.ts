/** Begins a step on a suspicion, before there is a run, or takes it back when the suspicion has passed. */

import { readAuthority } from '../state/authority.ts';
import type { Step, StepContext } from './step.ts';

/** Only in the epoch of the suspicion, and only while no run holds the lock: a run goes on from what it finds. */
export async function prepare(context: Omit<StepContext, 'run'>, epoch: number, step: Step): Promise<void> {
  const authority = await readAuthority(context.store);
  if (authority.active !== 'primary' || authority.epoch !== epoch || authority.holder !== undefined) return;
  const suspected = { ...context, run: { id: 'prepared', plan: 'failover', version: 0, epoch: epoch + 1 } } as const;
  if (context.event.undo === true) await step.undo?.(suspected);
  else await step.act?.(suspected);
}
