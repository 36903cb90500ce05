/**
 * The steps of an early cutover: the replica takes writes before it is promoted.
 *
 *  1. Nothing is opened before it is known that the primary can write no more. A person who doesn't wait for that has it promoted instead.
 *  2. What the replica holds is recorded once its replication has stopped, and before it is opened: whatever is written from then on is this
 *     side's own, and nobody's loss.
 *  3. What keeps it from being opened, but for 1, doesn't keep the run up: the promotion opens it all the same, later.
 *  4. Until it is promoted a restart may lead it back to its source: that is looked for at every asking, ended, and recorded.
 */

import { transactionsBetween } from '../engines/database/gtid/dialect-count.ts';
import { isPromoted } from '../engines/database/rds.ts';
import type { DatabaseLook } from '../engines/database/requests.ts';
import { messageOf, notYet, terminalError } from '../kernel/errors.ts';
import type { Position } from './database.ts';
import { firstReceived, hasAppliedEnough, isSound, positionOf, promote, proveWrite } from './database.ts';
import type { FenceFact } from './lease.ts';
import { begunAt } from './obey.ts';
import type { Step, StepContext } from './step.ts';

/** The fact `opening` of a run: when the replica was seen to take writes before its promotion, or why it was left closed. */
type Opening = { readonly at: number } | { readonly closed: string };

/** Everything received is applied, then nothing is received any more. */
export const detachReplica: Step = {
  check: async ({ recall }) => (await recall('position')) !== undefined,
  async act(context) {
    const { sql } = context.on('recovery');
    const seen = await sql.ask({ ask: 'look' });
    const { detached, look } = await sql.ask({ ask: 'detach', ...(await awaited(context, seen)) });
    await isSound(context, look);
    if (!detached) throw notYet(`The replica has applied ${look.executed} of ${look.replica?.received}.`);
    await context.remember('position', positionOf(look));
  },
};

/** What has to be applied before. */
async function awaited(context: StepContext, seen: DatabaseLook): Promise<{ regardless?: true; enough?: string }> {
  if (!(await isSound(context, seen))) return { regardless: true };
  const enough = (await hasAppliedEnough(context, seen)) ? await firstReceived(context) : undefined;
  return enough === undefined ? {} : { enough };
}

export const openReplica: Step = {
  check: async ({ recall }) => (await recall('opening')) !== undefined,
  async act(context) {
    const { clock, on, remember } = context;
    const { databaseGroup, sql } = on('recovery');
    const why = await whyClosed(context);
    if (why !== undefined) return remember('opening', { closed: why });
    const { detached, look } = await sql.ask({ ask: 'detach', regardless: true });
    if (!detached) throw notYet('The replica receives from its source again.');
    if (!look.readOnly) return remember('opening', { at: clock.now() });
    if ((await databaseGroup.readOnly()) !== '0') await databaseGroup.setReadOnly('0');
    const asked = await firstAsked(context);
    if (clock.now() - asked >= patience)
      return remember('opening', { closed: `RDS hadn't applied read_only = 0 within ${patience / 1000} s` });
    throw notYet('The replica is being opened for writes.');
  },
};

/** Milliseconds for a dynamic parameter to reach its server, after which the promotion alone is waited for. */
const patience = 90_000;

/** Steps before this one can be left out by a person; what they would have made sure of isn't sure then. */
async function whyClosed({ recall }: StepContext): Promise<string | undefined> {
  const fence = await recall<FenceFact>('fence');
  if (fence === undefined || fence.kind === 'debt') return 'nothing says that the primary can write no more';
  if ((await recall('position')) === undefined) return 'nobody has recorded what the replica holds';
  return undefined;
}

async function firstAsked({ clock, recall, remember }: StepContext): Promise<number> {
  const known = await recall<{ at: number }>('openingAsked');
  if (known !== undefined) return known.at;
  const at = clock.now();
  await remember('openingAsked', { at });
  return at;
}

const promotion = promote('recovery');

/** As any promotion, of a replica that customers may be writing to. */
export const promoteReplica: Step = {
  ...promotion,
  async act(context) {
    await keepDetached(context);
    await promotion.act?.(context);
  },
};

async function keepDetached(context: StepContext): Promise<void> {
  const { clock, on, recall, remember } = context;
  const opening = await recall<Opening>('opening');
  if (opening === undefined || 'closed' in opening) return;
  const position = await recall<Position>('position');
  const { sql } = on('recovery');
  try {
    const seen = await sql.ask({ ask: 'look' });
    if (seen.replica === undefined || seen.replica.stopped) return;
    const { look } = await sql.ask({ ask: 'detach', regardless: true });
    const came = position === undefined ? 0 : cameSince(position, look);
    await remember('reattached', { at: clock.now(), transactions: came });
  } catch {
    // It restarts, or can't be asked: neither may hold up the promotion, which ends replication for good.
  }
}

/** Transactions of the old primary that reached the replica after its position was recorded. */
const cameSince = (position: Position, { dialect, replica }: DatabaseLook): number =>
  replica === undefined || replica.received === ''
    ? 0
    : transactionsBetween(dialect, position.received, replica.received);

const proof = proveWrite('recovery');

/** Seconds a database that was opened or promoted has for its first write. One that was left closed has the promotion's time. */
const firstWriteWithin = 300;

export const proveRecoveryWrite: Step = {
  async act(context) {
    try {
      await proof.act?.(context);
    } catch (error) {
      const { clock, course, event, recall } = context;
      const since = course === undefined ? undefined : begunAt(course, event.step);
      const opening = await recall<Opening>('opening');
      const waits = opening !== undefined && 'closed' in opening;
      if (waits || since === undefined || clock.now() - since < 1000 * firstWriteWithin) throw error;
      throw terminalError(`not true within ${firstWriteWithin} s. ${messageOf(error)}`, { cause: error });
    }
  },
};

/** Under the group's default an unpromoted replica would be closed again, with customers writing to it. */
export const resetRecoveryGroup: Step = {
  async act({ on, names }) {
    const { databaseGroup, rds } = on('recovery');
    if ((await databaseGroup.readOnly()) === undefined) return;
    if (!isPromoted(await rds.describe(names.database))) {
      throw terminalError(
        "The recovery database isn't promoted: the parameter group's default would close it for writes.",
        {
          next: 'Let PromoteReplica be tried again, then this step.',
        },
      );
    }
    await databaseGroup.reset();
  },
  async verify({ on, names }) {
    const { databaseGroup, rds } = on('recovery');
    return (await databaseGroup.readOnly()) === undefined && isPromoted(await rds.describe(names.database));
  },
};
