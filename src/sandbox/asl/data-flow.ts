/** What a state reads and what it leaves behind: one interface, spoken in JSONata and in JSONPath. */

import type { Catcher, ChoiceRule, StateDefinition } from './definition.ts';
import type { ErrorOutput } from './errors.ts';
import type { Json } from './json.ts';
import type { Finished, StateRun } from './run.ts';

interface ItemInput {
  readonly Index: number;
  readonly Value: Json;
}

export interface DataFlow {
  /** `Arguments`, or `InputPath` and `Parameters`: what a task is called with, what branches get. */
  arguments(state: StateRun, token?: string): Promise<Json>;
  /** The state's output and assignments. `result` is what it produced; without one (Pass, Wait, Succeed) its input stands. */
  finish(state: StateRun, result?: { readonly value: Json }): Promise<Finished>;
  caught(state: StateRun, catcher: Catcher, error: ErrorOutput): Promise<Finished>;
  /** A field that may be literal, an expression, or given by its `…Path` twin. Undefined when absent. */
  field(state: StateRun, name: ExpressibleField): Promise<Json | undefined>;
  choose(state: StateRun, rule: ChoiceRule): Promise<boolean>;
  /** Output and assignments of a Choice: of the rule that matched, or of the state when none did. */
  chosen(state: StateRun, rule: ChoiceRule | undefined): Promise<Finished>;
  items(state: StateRun): Promise<Json[]>;
  itemInput(state: StateRun, item: ItemInput, given: Json): Promise<Json>;
}

type ExpressibleField = keyof Pick<
  StateDefinition,
  'TimeoutSeconds' | 'HeartbeatSeconds' | 'Seconds' | 'Timestamp' | 'Error' | 'Cause' | 'MaxConcurrency'
>;
