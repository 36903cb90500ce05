/**
 * The catalogue of steps: for each, what it does in a sentence, which function runs it, what kind of step it is, how often and how
 * long it may be asked, and which AWS actions it uses on what. State machines, roles, forecast and report are all read from here.
 */

import { failbackSteps } from './catalogue/failback.ts';
import { failoverSteps } from './catalogue/failover.ts';
import type { StepSpec } from './catalogue/step-spec.ts';
import { switchoverSteps } from './catalogue/switchover.ts';
import { readState } from './catalogue/uses.ts';

export const catalogue = { ...failoverSteps, ...switchoverSteps, ...failbackSteps } as const satisfies Record<
  string,
  StepSpec
>;

export type BuiltInStep = keyof typeof catalogue;
/** One of the workload's own, by its name in the config. */
export type CustomStep = `Custom-${string}`;
export type StepName = BuiltInStep | CustomStep;

export const isCustom = (step: StepName): step is CustomStep => step.startsWith('Custom-');

/** Of the workload's own steps what holds for all: how often each is asked is in the config, see `stepSpec`. */
export const specOf = (step: StepName): StepSpec => (isCustom(step) ? custom : catalogue[step]);

const custom: StepSpec = {
  does: "a step of the workload's own",
  function: 'custom',
  kind: 'compensable',
  pollSeconds: 5,
  deadlineSeconds: 300,
  uses: [...readState, { action: 'lambda:InvokeFunction', on: 'customFunctions', held: 'own step' }],
};
