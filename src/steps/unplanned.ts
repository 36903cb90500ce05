/** Steps of a planned move that wait for the primary Region: a move that was turned into a failover leaves them out. */

import type { Step } from './step.ts';

export const unlessUnplanned = (step: Step): Step => ({
  ...step,
  check: async (context) => context.course?.orders.unplanned !== undefined || ((await step.check?.(context)) ?? false),
});
