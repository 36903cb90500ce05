/** One more sample of how fast the primary commits, taken from what its replica has applied: nothing is asked of the primary itself. */

import type { Base } from '../engines/base.ts';
import { withSample } from '../ledger/rate.ts';
import { readRates, writeRates } from '../state/rates.ts';

export async function sampleRate({ on, store }: Base): Promise<void> {
  const look = await on('recovery').sql.ask({ ask: 'look' });
  const more = withSample(await readRates(store), look);
  if (more !== undefined) await writeRates(store, more);
}
