/** What a witness Region adds to a move: the lease that is waited out, and the lease a database is opened with. */

import { isoTime } from '../kernel/clock.ts';
import { needsHuman, notYet, terminalError } from '../kernel/errors.ts';
import { leaseMarginSeconds, leaseSecondsOf } from '../plan/lease.ts';
import { readDebt } from '../state/debts.ts';
import { closeLease, renewLease } from '../state/leases.ts';
import type { Side } from '../workload/judged.ts';
import type { Step, StepContext } from './step.ts';

/**
 * Nothing renews the primary's lease once it is closed; what was renewed just before has run out a whole lease later. That is counted here,
 * from after the closing, and needs no clock of the primary's.
 */
export const awaitLease: Step = {
  check: async (context) => (await context.recall('fence')) !== undefined,
  async act(context) {
    const { clock, remember, run, store } = context;
    const lease = await closeLease(store, 'primary', run.epoch);
    if (lease?.guarded !== true) {
      const why = lease === undefined ? 'no guard ever took a lease' : "the primary database wasn't held to its lease";
      return remember('fence', { kind: 'debt', why });
    }
    const lapsedAt = (await closedAt(context)) + 1000 * (lease.seconds + leaseMarginSeconds(lease.seconds));
    if (clock.now() < lapsedAt) throw notYet(`The primary may write until ${isoTime(lapsedAt)} at most.`);
    await remember('fence', { kind: 'lease', lapsedAt });
  },
};

/** What a run knows of the primary's writers: the fact `fence`. */
export type FenceFact =
  | { readonly kind: 'lease'; readonly lapsedAt: number }
  | { readonly kind: 'fenced'; readonly at: number }
  | { readonly kind: 'debt'; readonly why?: string };

/**
 * Either is enough, and without both nothing is opened: the application's account locked, its sessions ended, by a fence that reached the
 * primary; or its lease, of which the database itself knows when it is over.
 */
export const awaitFence: Step = {
  check: async (context) => (await context.recall('fence')) !== undefined,
  async act(context) {
    const { clock, remember, run, store } = context;
    const lease = await closeLease(store, 'primary', run.epoch);
    const closed = await closedAt(context);
    const debt = await readDebt(store, 'primary');
    if (debt?.epoch === run.epoch && debt.acknowledged.includes('accounts'))
      return remember('fence', { kind: 'fenced', at: clock.now() });
    if (lease?.guarded === true) {
      const lapsedAt = closed + 1000 * (lease.seconds + leaseMarginSeconds(lease.seconds));
      if (clock.now() < lapsedAt) throw notYet(`The primary may write until ${isoTime(lapsedAt)} at most.`);
      return remember('fence', { kind: 'lease', lapsedAt });
    }
    const why = lease === undefined ? 'no guard ever took a lease' : "the primary database wasn't held to its lease";
    const says = `Nothing says that the primary can write no more: ${why}, and its fence isn't acknowledged`;
    if (clock.now() - closed < untilFenced) throw notYet(`${says} yet.`);
    throw needsHuman(`${says}. The replica stays closed.`, {
      next: 'Once the primary is fenced, or known to be off, let AwaitFence be tried again; left out, the replica is promoted without being opened early, and the guarantee is a debt.',
    });
  },
};

/** Milliseconds in which a primary that can be reached is fenced. */
const untilFenced = 60_000;

/** The first time it was known to be closed. A run taken over counts on from there. */
async function closedAt({ clock, recall, remember }: StepContext): Promise<number> {
  const known = await recall<{ at: number }>('leaseClosed');
  if (known !== undefined) return known.at;
  const at = clock.now();
  await remember('leaseClosed', { at });
  return at;
}

/** Lets the application write on a side. With a witness under a lease, which lasts until the side's guard takes over. */
export async function openUnderLease(
  { on, store, workload }: Pick<StepContext, 'on' | 'store' | 'workload'>,
  side: Side,
  epoch: number,
): Promise<void> {
  const { sql } = on(side);
  const seconds = leaseSecondsOf(workload);
  if (seconds === undefined) return void (await sql.ask({ ask: 'open', epoch }));
  // The server's own time from before the lease was taken: so it ends there before it does for anybody who waits for it.
  const { server, started, now } = await sql.ask({ ask: 'clock' });
  if (!(await renewLease(store, side, { epoch, seconds, guarded: false })))
    throw terminalError(`The lease of the ${side} side is closed for epoch ${epoch}: a later run has moved on.`);
  await sql.ask({ ask: 'open', epoch, lease: { server, started, ends: now + 1000 * seconds } });
}
