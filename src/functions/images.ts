/** One tick of image upkeep, for every group. */

import { messageOf } from '../kernel/errors.ts';
import { tendImages } from '../upkeep/images.ts';
import { ownSide, surroundings } from './surroundings.ts';

export async function images(): Promise<void> {
  const base = surroundings();
  const own = ownSide(base.workload);
  const groups = Object.keys(base.workload.compute);
  // One that can't be imaged must not keep the others old.
  const ticks = await Promise.allSettled(groups.map((group) => tendImages(base, own, group)));
  const failed: unknown[] = [];
  for (const [index, tick] of ticks.entries()) {
    const said = tick.status === 'fulfilled' ? { images: tick.value } : { problem: messageOf(tick.reason) };
    console.log(JSON.stringify({ group: groups[index], ...said }));
    if (tick.status === 'rejected') failed.push(tick.reason);
  }
  if (failed.length > 0) throw failed[0];
}
