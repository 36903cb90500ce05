/** Steps that watch the copying of parameters. */

import { invokeLater } from '../engines/functions/invoke.ts';
import { notYet } from '../kernel/errors.ts';
import { readParameterSync } from '../state/syncs.ts';
import type { Step } from './step.ts';

/** Milliseconds after which a comparison that was asked for and wasn't seen is asked for again. */
const patience = 120_000;

/** One comparison of everything that began after writes had stopped. The side that is being left makes it, as it always does. */
export const drainParameters: Step = {
  async act({ clock, names, on, recall, remember, store }) {
    const quiesced = await recall<{ at: number }>('quiesced');
    const since = quiesced?.at ?? clock.now();
    const { reconciled } = await readParameterSync(store);
    if (reconciled !== undefined && reconciled.startedAt >= since) return;
    const asked = await recall<{ at: number }>('reconciliation');
    if (asked === undefined || clock.now() - asked.at > patience) {
      await invokeLater(on('primary').clients, names.controlFunction('parameters'), {});
      await remember('reconciliation', { at: clock.now() });
    }
    throw notYet('Parameters are being compared once more.');
  },
};
