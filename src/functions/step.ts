/** Runs one asking of one step for the state machine. Errors keep their names: the machine's Retry and Catch tell them apart by it. */

import { journalWriter } from '../journal/store.ts';
import type { RampEvent, StepEvent } from '../plan/run.ts';
import { rampSources } from '../steps/ramp-sources.ts';
import type { StepResult } from '../steps/run-step.ts';
import { runStep } from '../steps/run-step.ts';
import { stepContext } from '../steps/step.ts';
import { surroundings } from './surroundings.ts';

export async function step(event: StepEvent | RampEvent): Promise<StepResult | undefined> {
  const base = surroundings();
  if ('ramp' in event) {
    await rampSources(base);
    return undefined;
  }
  return runStep(stepContext(base, event), journalWriter(base.store, base.ids));
}
