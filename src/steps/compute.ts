/** Steps that size groups. */

import { notYet } from '../kernel/errors.ts';
import { readCapacity } from '../state/capacity.ts';
import type { Side } from '../workload/config.ts';
import { otherSide } from '../workload/config.ts';
import type { Step, StepContext } from './step.ts';

/** Scales a side to production capacity, and waits until that many targets are healthy: alive, not ready to write. */
export const scaleOut = (side: Side): Step => ({
  async act(context) {
    const wanted = await capacityFor(context, side);
    const { group } = context.on(side);
    const size = await group.size();
    if (size.desired < wanted.desired || size.min < wanted.min) await group.resize(wanted);
  },
  async verify(context) {
    const wanted = await capacityFor(context, side);
    const { instances, healthy, trouble } = await context.on(side).group.serving();
    if (trouble !== undefined) throw notYet(`No instance comes up in the ${side} Region: ${trouble}`);
    return instances >= wanted.desired && healthy >= wanted.desired;
  },
});

export const scaleIn = (side: Side): Step => ({
  async act({ on }) {
    const { min, desired, max } = await on(side).group.size();
    if (min > 0 || desired > 0) await on(side).group.resize({ min: 0, desired: 0, max });
  },
  verify: async ({ on }) => (await on(side).group.instances()) === 0,
});

/** Going home, the side that serves now says how much is needed; otherwise what upkeep captured while the primary was well. */
async function capacityFor(
  { on, store, workload }: StepContext,
  side: Side,
): Promise<{ min: number; desired: number; max: number }> {
  if (side === 'primary') {
    const serving = await on(otherSide(side)).group.size();
    if (serving.desired > 0) return serving;
  }
  const captured = await readCapacity(store);
  const { min, desired, max } = captured ?? workload.compute.capacity;
  return { min, desired, max };
}
