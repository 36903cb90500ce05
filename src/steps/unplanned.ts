/** Steps of a planned move that wait for the primary Region: a move that was turned into a failover doesn't. */

import type { Step, StepContext } from './step.ts';

/** `instead` is what a failover does in the step's place; nothing when it isn't given. */
export const unlessUnplanned = (step: Step, instead: Step = nothing): Step => {
  const now = ({ course }: StepContext): Step => (course?.orders.unplanned === undefined ? step : instead);
  return {
    ...step,
    check: async (context) => (await now(context).check?.(context)) ?? false,
    cameTrue: async (context) => {
      const { cameTrue, check } = now(context);
      return (await (cameTrue ?? check)?.(context)) ?? false;
    },
    act: async (context) => now(context).act?.(context),
    verify: async (context) => (await now(context).verify?.(context)) ?? true,
  };
};

const nothing: Step = { check: async () => true };
