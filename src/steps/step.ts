/**
 * A step is re-entrant: already true, in flight, or act and then verify. `act` must be safe to repeat, since a function can be killed
 * after the call and before the answer; a step that isn't true yet raises "not yet" and is asked again.
 */

import type { Base } from '../engines/base.ts';
import type { RunReference, StepEvent } from '../plan/run.ts';
import type { Course } from '../state/course.ts';
import { putFact, readFact } from '../state/runs.ts';

export interface StepContext extends Base {
  readonly event: StepEvent;
  readonly run: RunReference;
  /** What was ordered of the run, for steps that act differently by it. */
  readonly course?: Course;
  /** Keeps something a later step or the report needs. */
  readonly remember: (name: string, value: unknown) => Promise<void>;
  readonly recall: <T>(name: string) => Promise<T | undefined>;
}

export interface Step {
  /** Is it already true? */
  readonly check?: (context: StepContext) => Promise<boolean>;
  readonly act?: (context: StepContext) => Promise<void>;
  /** Whether it has come true by itself, which a step that waits for a person is looked at for: it only looks. @default `check` */
  readonly cameTrue?: (context: StepContext) => Promise<boolean>;
  /** Has it come true? Without it, `act` settles it. */
  readonly verify?: (context: StepContext) => Promise<boolean>;
  /** Takes back what the step did, or what a suspicion began of it. Asked only of a run that hasn't committed. */
  readonly undo?: (context: StepContext) => Promise<void>;
}

export function stepContext(base: Base, event: StepEvent): Omit<StepContext, 'run'> {
  const runOf = () => {
    if (event.run === undefined) throw new Error(`Step ${event.step} has no run to keep facts for.`);
    return event.run.id;
  };
  return {
    ...base,
    event,
    remember: (name, value) => putFact(base.store, runOf(), name, value),
    recall: (name) => readFact(base.store, runOf(), name),
  };
}
