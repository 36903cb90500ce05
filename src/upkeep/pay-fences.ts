/** Pays the fence a side owes as soon as that side can be reached, before anything else happens there; and keeps it up once it stands. */

import type { Base } from '../engines/base.ts';
import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { readAuthority } from '../state/authority.ts';
import type { FenceDebt } from '../state/debts.ts';
import { isOwed, readDebt } from '../state/debts.ts';
import { keepFence, raiseFence } from '../steps/raise-fence.ts';

const betweenTries = 5000;

/** Tries until the debt is paid or `until` (epoch milliseconds) has come; looks once after a fence that stands. */
export async function payFences(
  base: Base,
  until: number,
  say: (line: Record<string, unknown>) => void,
): Promise<void> {
  const { store, clock } = base;
  for (;;) {
    const debt = await readDebt(store, 'primary');
    if (!isOwed(debt)) return debt === undefined ? undefined : keep(base, debt, say);
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

/** Only while nobody moves the workload: going home opens the fence itself, part by part. */
async function keep(base: Base, debt: FenceDebt, say: (line: Record<string, unknown>) => void): Promise<void> {
  const { active, epoch, holder } = await readAuthority(base.store);
  if (active === debt.side || epoch !== debt.epoch || holder !== undefined) return;
  await keepFence(base, debt).catch((error: unknown) => say({ fence: 'not seen whole', why: messageOf(error) }));
}
