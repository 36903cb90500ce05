/** Tells the steps of a run as they begin and end. */

import type { PlanName } from '../plan/graph.ts';
import { stepTimes } from './runs.ts';
import type { Stage } from './stage.ts';

export async function follow(stage: Stage, plan: PlanName, execution: string): Promise<void> {
  const told = toldOf(stage);
  for (const { step, startedAt, endedAt } of await stepTimes(stage, execution)) {
    if (!told.has(`${plan} ${step} running`)) {
      told.add(`${plan} ${step} running`);
      stage.say({ kind: 'step', at: stage.at(startedAt), plan, step, state: 'running' });
    }
    if (endedAt !== undefined && !told.has(`${plan} ${step} done`)) {
      told.add(`${plan} ${step} done`);
      stage.say({ kind: 'step', at: stage.at(endedAt), plan, step, state: 'done' });
    }
  }
}

const told = new WeakMap<Stage, Set<string>>();
function toldOf(stage: Stage): Set<string> {
  const known = told.get(stage) ?? new Set<string>();
  told.set(stage, known);
  return known;
}
