/** All groups of a side at once. */

import type { Base } from '../engines/base.ts';
import type { Group } from '../engines/compute/group.ts';
import type { Side } from '../workload/judged.ts';

/** Every group is tried, whatever becomes of the others. @throws the first error, then. */
export async function onEachGroup<T>(
  { on, workload }: Pick<Base, 'on' | 'workload'>,
  side: Side,
  act: (group: Group, name: string) => Promise<T>,
): Promise<T[]> {
  const names = Object.keys(workload.compute);
  const tried = await Promise.allSettled(names.map(async (name) => act(on(side).group(name), name)));
  return tried.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
