/** Pays the fence a side owes as soon as that side can be reached: before anything else happens there. */

import type { Base } from '../engines/base.ts';
import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { readAuthority } from '../state/authority.ts';
import { isOwed, readDebt } from '../state/debts.ts';
import { raiseFence } from '../steps/raise-fence.ts';

const betweenTries = 5000;

/** Tries until the debt is paid or `until` (epoch milliseconds) has come; returns at once when nothing is owed. */
export async function payFences(
  base: Base,
  until: number,
  say: (line: Record<string, unknown>) => void,
): Promise<void> {
  const { store, clock } = base;
  for (;;) {
    const debt = await readDebt(store, 'primary');
    if (!isOwed(debt)) return;
    // The fence is for the side that isn't active: never for the one that serves.
    if ((await readAuthority(store)).active === debt.side) return;
    try {
      const paid = await raiseFence(base, debt);
      say({ fenced: paid.side, epoch: paid.epoch });
      return;
    } catch (error) {
      say({ fence: 'still owed', why: messageOf(error) });
    }
    if (clock.now() + betweenTries >= until) return;
    await sleep(clock, betweenTries);
  }
}
