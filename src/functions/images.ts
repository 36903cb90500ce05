/** One tick of image upkeep. */

import { tendImages } from '../upkeep/images.ts';
import { ownSide, surroundings } from './surroundings.ts';

export async function images(): Promise<void> {
  const base = surroundings();
  console.log(JSON.stringify({ images: await tendImages(base, ownSide(base.workload)) }));
}
