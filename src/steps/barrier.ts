/** Steps around the fence: raise it, lift it, and the quiesce that a planned move begins with. */

import type { IpPermission } from '@aws-sdk/client-ec2';
import { isNotYet, messageOf, notYet, terminalError } from '../kernel/errors.ts';
import { specOf } from '../plan/catalogue.ts';
import { isOwed, keptIngress, readDebt } from '../state/debts.ts';
import type { Side } from '../workload/judged.ts';
import { openUnderLease } from './lease.ts';
import { raiseFence } from './raise-fence.ts';
import type { Step } from './step.ts';
import { switchSources } from './switch-sources.ts';

/** Milliseconds a reachable Region gets to settle: well within the step's deadline, past which the run would fail. */
const fenceBudget = 500 * specOf('FencePrimary').deadlineSeconds;

/** A dead Region must not hold the run up: one try, and what is left of the fence stays owed. */
export const fencePrimary: Step = {
  async act(context) {
    const debt = await readDebt(context.store, 'primary');
    // With a witness the guarantee is the lease's to tell.
    const fact = context.workload.witness === undefined ? 'fence' : 'debt';
    if (!isOwed(debt)) {
      // Paid by an asking that was killed before it could say so, or by upkeep.
      if (debt !== undefined) await context.remember(fact, { kind: 'debt', paid: true });
      return;
    }
    try {
      await raiseFence(context, debt);
      await context.remember(fact, { kind: 'debt', paid: true });
    } catch (error) {
      if (isNotYet(error) && context.clock.now() - debt.owedSince < fenceBudget) throw error;
      await context.remember(fact, { kind: 'debt', paid: false, why: messageOf(error) });
    }
  },
};

/** The fence on the parameter group is lifted and seen lifted before any replica is built with it. */
export const resetPrimaryGroup: Step = {
  check: async ({ on }) => (await on('primary').databaseGroup.readOnly()) === undefined,
  act: ({ on }) => on('primary').databaseGroup.reset(),
  verify: async ({ on }) => (await on('primary').databaseGroup.readOnly()) === undefined,
};

/** Gives back the ingress the fence took. The latch still points elsewhere: nobody is sent here yet. */
export const openPrimaryIngress: Step = {
  async act({ on, store }) {
    const { ingress } = on('primary');
    if ((await ingress.read()).length > 0) return;
    const debt = await readDebt(store, 'primary');
    const taken = debt === undefined ? undefined : await keptIngress<IpPermission>(store, debt);
    if (taken === undefined) {
      throw terminalError("The primary load balancer's ingress is gone, and no record says what it was.", {
        next: "Deploy the primary Region's stacks, which declare it, and start the failback again.",
      });
    }
    await ingress.restore(taken);
  },
  verify: async ({ on }) => (await on('primary').ingress.read()).length > 0,
  /** What the fence had taken is kept until the debt of a later epoch. */
  async undo({ on }) {
    const { ingress } = on('primary');
    const standing = await ingress.read();
    if (standing.length > 0) await ingress.revoke(standing);
  },
};

/** Writes end here, on the side that is being left. Event sources first: a function in mid-flight would lose its account under it. */
export const quiesce = (side: Side): Step => ({
  async act(context) {
    const { on, names, clock } = context;
    const { parameters, sql } = on(side);
    await parameters.put({ name: names.roleParameter, value: 'quiesced', type: 'String' });
    if (!(await switchSources(context, side, false)))
      throw notYet(`The event sources of the ${side} side are being switched off.`);
    if ((await context.recall('quiesced')) === undefined) await context.remember('quiesced', { at: clock.now() });
    await sql.ask({ ask: 'lock' });
    // From here on no write is acknowledged. The first time counts: it is what was written until then that has to be on the other side.
    if ((await context.recall('stopped')) === undefined) await context.remember('stopped', { at: clock.now() });
  },
  /** Also of a quiesce that was broken off half-way: whatever was stopped begins again. */
  async undo(context) {
    const { on, names, run } = context;
    await openUnderLease(context, side, run.epoch - 1);
    await on(side).parameters.put({ name: names.roleParameter, value: 'active', type: 'String' });
    if (!(await switchSources(context, side, true)))
      throw notYet(`The event sources of the ${side} side are being switched on again.`);
  },
});
