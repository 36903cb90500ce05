/** Steps that size groups: all of a side's groups at once. */

import type { Size } from '../engines/compute/group.ts';
import { notYet } from '../kernel/errors.ts';
import { readCapacity } from '../state/capacity.ts';
import type { Side } from '../workload/judged.ts';
import { otherSide } from '../workload/judged.ts';
import { onEachGroup } from './each-group.ts';
import type { Step, StepContext } from './step.ts';

/** Scales a side to production capacity, and waits until that many targets are healthy: alive, not ready to write. */
export const scaleOut = (side: Side): Step => ({
  async act(context) {
    await onEachGroup(context, side, async (group, name) => {
      const wanted = await capacityFor(context, side, name);
      const size = await group.size();
      if (size.desired < wanted.desired || size.min < wanted.min) await group.resize(wanted);
    });
  },
  verify: (context) => areUp(context, side),
  // Auto Scaling goes on trying, whoever waits.
  cameTrue: (context) => areUp(context, side),
  undo: (context) => empty(context, side),
});

async function areUp(context: StepContext, side: Side): Promise<boolean> {
  const up = await onEachGroup(context, side, async (group, name) => {
    const wanted = await capacityFor(context, side, name);
    const { instances, healthy, trouble } = await group.serving();
    if (trouble !== undefined && instances < wanted.desired)
      throw notYet(`${instances} of ${wanted.desired} instances of ${name} are up in the ${side} Region: ${trouble}`, {
        next: otherTypes(context, name),
      });
    return instances >= wanted.desired && healthy >= wanted.desired;
  });
  return up.every((one) => one);
}

export const scaleIn = (side: Side): Step => ({
  act: (context) => empty(context, side),
  async verify(context) {
    const left = await onEachGroup(context, side, (group) => group.instances());
    return left.every((instances) => instances === 0);
  },
});

/** Auto Scaling tries again by itself, less and less often; what else can be done is the owner's. */
function otherTypes({ names, workload }: StepContext, name: string): string {
  const types = workload.compute[name]?.instanceTypes.join(', ');
  return `Auto Scaling goes on trying ${types}. Where there is room for another type, give the group ${names.group(name)} that one, and name it in compute.${name}.instanceTypes.`;
}

async function empty(context: StepContext, side: Side): Promise<void> {
  await onEachGroup(context, side, async (group) => {
    const { min, desired, max } = await group.size();
    if (min > 0 || desired > 0) await group.resize({ min: 0, desired: 0, max });
  });
}

/** Going home, the side that serves now says how much is needed; otherwise what upkeep captured while the primary was well. */
async function capacityFor({ on, store, workload }: StepContext, side: Side, name: string): Promise<Size> {
  if (side === 'primary') {
    const serving = await on(otherSide(side)).group(name).size();
    if (serving.desired > 0) return serving;
  }
  const captured = (await readCapacity(store))?.groups[name] ?? workload.compute[name]?.capacity;
  if (captured === undefined) throw new Error(`there is no group ${name}`);
  return captured;
}
