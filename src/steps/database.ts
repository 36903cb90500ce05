/** Steps that move databases: drain, promote, prove, open; snapshot, rename, reseed. Written once for both sides. */

import type { DBInstance } from '@aws-sdk/client-rds';
import type { ParameterGroup } from '../engines/database/parameter-group.ts';
import { isPromoted, isReplica, isReplicating } from '../engines/database/rds.ts';
import type { DatabaseLook } from '../engines/database/requests.ts';
import { findSecurityGroup } from '../engines/network/ingress.ts';
import { sleep } from '../kernel/clock.ts';
import { notYet, terminalError } from '../kernel/errors.ts';
import { observeLoss } from '../ledger/observe-loss.ts';
import { quoteOf } from '../ledger/quote.ts';
import { quotedLoss } from '../ledger/quoted-loss.ts';
import { readRun } from '../state/runs.ts';
import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { otherSide } from '../workload/judged.ts';
import { arnsOf } from '../workload/names.ts';
import { isBrokenAccepted, requireApproved } from './approved.ts';
import { openUnderLease } from './lease.ts';
import type { Step, StepContext } from './step.ts';

/** Says what would be lost at most, once: a look after the promotion knows less. Only the database has to answer: nothing else may hold the run up. */
export const quoteLoss: Step = {
  check: async ({ recall }) => (await recall('quote')) !== undefined,
  async act(context) {
    const look = await context.on('recovery').sql.ask({ ask: 'look' });
    const observed = await observeLoss(context, look);
    const quote = quoteOf(observed, context.clock.now());
    await context.remember('quote', quote);
    await requireApproved(context, quotedLoss(quote));
    const { acceptLoss } = (await readRun(context.store, context.run.id)) ?? {};
    if (acceptLoss !== false || quote.within) return;
    throw terminalError(
      `Failing over now may lose more than the objective of ${quote.objectiveSeconds} s: ${quote.says}`,
      {
        given: quote.beyond.join('; '),
        next: 'Nothing has changed. Start it with --accept-loss if that is to be lost.',
      },
    );
  },
};

/** Everything received is applied before the promotion cuts the stream; the set is what the ledger compares with. */
export const drainReplica: Step = {
  async check(context) {
    return (await context.recall('position')) !== undefined;
  },
  async act(context) {
    const look = await context.on('recovery').sql.ask({ ask: 'look' });
    if ((await isSound(context, look)) && !(await hasAppliedEnough(context, look)))
      throw notYet(`The replica has applied ${look.executed} of ${look.replica?.received}.`);
    await context.remember('position', positionOf(look));
  },
};

/** The fact `position` of a run: what the replica held when its stream was cut. */
export interface Position {
  readonly executed: string;
  readonly received: string;
  readonly dialect: DatabaseLook['dialect'];
  readonly version: string;
}

export const positionOf = ({ dialect, executed, replica, version }: DatabaseLook): Position => ({
  // In the source's own terms: its log is read from there when what was lost is looked for.
  executed: replica?.applied || executed,
  received: replica?.received ?? '',
  dialect,
  version,
});

/**
 * Whether waiting is of use; not where the replica can't apply what it received, and that is accepted as lost.
 * @throws where it isn't accepted.
 */
export async function isSound(context: StepContext, { replica }: DatabaseLook): Promise<boolean> {
  if (replica === undefined || replica.drained || replica.error === undefined) return true;
  if (await isBrokenAccepted(context)) return false;
  throw terminalError(`The replica can't apply what it received: ${replica.error}.`, {
    next: 'Repair its replication and let the step be tried again. Left out, what it has received and not applied is lost, as it was quoted.',
  });
}

/** Milliseconds in which the fence may end what a primary still writes: until then everything is waited for. */
const untilFenced = 30_000;

/** A primary that nothing can be told may go on writing, and its replica never be drained: then what had arrived at first has to do. */
export async function hasAppliedEnough(context: StepContext, { replica }: DatabaseLook): Promise<boolean> {
  if (replica === undefined || replica.drained) return true;
  const { clock, on, recall, remember } = context;
  const first = await recall<Draining>('draining');
  if (first === undefined) await remember('draining', { received: replica.received, at: clock.now() });
  if (first === undefined || clock.now() - first.at < untilFenced) return false;
  return (await on('recovery').sql.ask({ ask: 'contains', set: first.received })).contains;
}

/** What had arrived when the drain began, where it wasn't drained at once. */
export const firstReceived = async ({ recall }: StepContext): Promise<string | undefined> =>
  (await recall<Draining>('draining'))?.received;

interface Draining {
  readonly received: string;
  readonly at: number;
}

/** Source: RDS User Guide, "Promoting a read replica to be a standalone DB instance". */
const whyNot: Readonly<Record<string, string>> = {
  'backing-up': ': RDS promotes nothing while it is backed up',
};

export const promote = (side: Side): Step => ({
  check: async ({ on, names }) => isPromoted(await on(side).rds.describe(names.database)),
  async act({ on, names, workload }) {
    const { rds } = on(side);
    const instance = await rds.describe(names.database);
    if (instance === undefined) throw terminalError(`There is no database ${names.database} in the ${side} Region.`);
    // In flight shows as another status, or as `available` with the source still named: asking twice is refused, or harmless.
    if (instance.DBInstanceStatus !== 'available')
      throw notYet(`The database is ${instance.DBInstanceStatus}${whyNot[instance.DBInstanceStatus ?? ''] ?? ''}.`);
    try {
      await rds.promote(names.database, workload.database.backupRetention);
    } catch (error) {
      if (error instanceof Error && /InvalidDBInstanceState/.test(error.name)) throw notYet(error.message);
      throw error;
    }
  },
  verify: async ({ on, names }) => isPromoted(await on(side).rds.describe(names.database)),
});

/**
 * A replica waits in one zone, to save money; what customers write to stands in two. Begun and not waited for: building the second copy
 * takes from a quarter of an hour to an hour, with the database in use, and customers are served already.
 */
export const protect = (side: Side): Step => ({
  check: async ({ on, names, workload }) => isProtected(await on(side).rds.describe(names.database), workload),
  async act({ on, names, workload }) {
    const { rds } = on(side);
    const instance = await rds.describe(names.database);
    // A first backup, or whatever else RDS does by itself after a promotion, comes first.
    if (instance?.DBInstanceStatus !== 'available')
      throw notYet(`The database is ${instance?.DBInstanceStatus ?? 'gone'}.`);
    const { backupRetention, multiAz } = workload.database;
    await rds.modify(names.database, { backupRetention, ...(multiAz ? { multiAz } : {}), deletionProtection: true });
  },
  verify: async ({ on, names, workload }) => isProtected(await on(side).rds.describe(names.database), workload),
});

/** Has it, or is to have it. A second zone that somebody added by hand is left. */
function isProtected(instance: DBInstance | undefined, { database }: StepContext['workload']): boolean {
  if (instance === undefined) return false;
  const { BackupRetentionPeriod: backups, DeletionProtection, MultiAZ, PendingModifiedValues: pending } = instance;
  return (
    (!database.multiAz || MultiAZ === true || pending?.MultiAZ === true) &&
    ((backups ?? 0) > 0 || pending?.BackupRetentionPeriod !== undefined) &&
    DeletionProtection === true
  );
}

export const proveWrite = (side: Side): Step => ({
  async act(context) {
    const { run, clock } = context;
    try {
      const { wrote } = await context
        .on(side)
        // Whole milliseconds, as they are read back: a sandbox's clock has parts of them.
        .sql.ask({ ask: 'prove', run: run.id, epoch: run.epoch, at: Math.round(clock.now()) });
      if (!wrote) throw notYet('The row written was not read back.');
    } catch (error) {
      throw notYet(`The database takes no writes yet: ${String(error)}`);
    }
    // The first time counts, for whoever takes the run over too.
    if ((await context.recall('writable')) === undefined) await context.remember('writable', { side, at: clock.now() });
  },
});

export const openDatabase = (side: Side): Step => ({
  act: (context) => openUnderLease(context, side, context.run.epoch),
});

/** Snapshot first: it holds what the ledger will be read from, whatever happens to the instance afterwards. */
export const snapshotKept = (side: Side): Step => ({
  async act({ on, names, run }) {
    const { rds } = on(side);
    if ((await rds.describeSnapshot(names.keptSnapshot(run.epoch))) !== undefined) return;
    const instance = await rds.describe(names.database);
    if (instance === undefined && (await rds.describe(names.keptDatabase(run.epoch))) !== undefined) return;
    if (instance?.DBInstanceStatus !== 'available')
      throw notYet(`The database is ${instance?.DBInstanceStatus ?? 'gone'}.`);
    await rds.snapshot(names.database, names.keptSnapshot(run.epoch));
  },
  async verify({ on, names, run }) {
    return (await on(side).rds.describeSnapshot(names.keptSnapshot(run.epoch)))?.Status === 'available';
  },
});

/** Renames last: it reboots. A database is kept, never deleted: it may hold writes nobody has accounted for. */
export const keepUnderOtherName = (side: Side): Step => ({
  check: (context) => isKept(context, side),
  async act({ on, names, run }) {
    const { rds } = on(side);
    // The old name first: asked the other way round, a rename that ends in between would show neither.
    const instance = await rds.describe(names.database);
    if ((await rds.describe(names.keptDatabase(run.epoch))) !== undefined) return;
    if (instance === undefined) throw notYet(`${names.database} shows under neither name in the ${side} Region.`);
    if (instance.DBInstanceStatus !== 'available') return;
    await rds.rename(names.database, names.keptDatabase(run.epoch));
  },
  verify: (context) => isKept(context, side),
});

async function isKept({ on, names, run }: StepContext, side: Side): Promise<boolean> {
  const { rds } = on(side);
  const kept = await rds.describe(names.keptDatabase(run.epoch));
  return kept?.DBInstanceStatus === 'available';
}

/** Builds the side's database anew as a replica of the other side's, under the identifier templates and names know. */
export const reseed = (side: Side): Step => ({
  check: async ({ on, names }) => isReplicating(await on(side).rds.describe(names.database)),
  async act({ on, names, workload }) {
    const { rds, clients } = on(side);
    const standing = await rds.describe(names.database);
    if (standing !== undefined) {
      if (!isReplica(standing) && standing.DBInstanceStatus === 'available') {
        throw terminalError(
          `${names.database} in the ${side} Region is no replica, and stands where one must be built.`,
          {
            next: 'It may hold writes nobody has accounted for: look at it, keep it under another name, and start the plan again.',
          },
        );
      }
      if (standing.DBInstanceStatus === 'failed') {
        throw terminalError(`${names.database} in the ${side} Region couldn't be made: RDS says that it has failed.`, {
          next: 'Delete that replica, which holds nothing of its own, and let the step be tried again.',
        });
      }
      return;
    }
    await closeReplicas(on(side).databaseGroup, workload, side);
    const source = await on(otherSide(side)).rds.describe(names.database);
    if (source?.DBInstanceStatus !== 'available')
      throw notYet(`The source database is ${source?.DBInstanceStatus ?? 'gone'}.`);
    const group = await findSecurityGroup(clients, names.securityGroups.database);
    if (group === undefined) throw terminalError(`There is no security group ${names.securityGroups.database}.`);
    await rds.createReplica({
      identifier: names.database,
      sourceArn: arnsOf(workload).database(otherSide(side)),
      instanceClass: workload.database.class,
      parameterGroup: names.databaseGroup,
      subnetGroup: names.subnetGroup,
      securityGroups: [group.id],
      keyId: names.keyAlias,
      multiAz: side === 'primary' && workload.database.multiAz,
      tags: [{ Key: 'pilot-light:workload', Value: names.prefix }],
    });
  },
  verify: async ({ on, names }) => isReplicating(await on(side).rds.describe(names.database)),
});

/** What opened a replica early must not open the next one: it is built with the same parameter group. */
async function closeReplicas(group: ParameterGroup, { database }: Workload, side: Side): Promise<void> {
  if (side !== 'recovery' || database.cutover !== 'open-early' || (await group.readOnly()) === undefined) return;
  await group.reset();
  throw notYet('The parameter group still lets a replica take writes: it is being reset.');
}

/** Caught up once: holds what the source held a moment ago. The last step to zero comes after quiescing. Backups, which a new replica has none of, follow. */
export const awaitCaughtUp = (side: Side): Step => ({
  async act(context) {
    await soonHolds(context, side);
    const { names, on, workload } = context;
    const { rds } = on(side);
    const instance = await rds.describe(names.database);
    if (instance?.DBInstanceStatus !== 'available')
      throw notYet(`The replica is ${instance?.DBInstanceStatus ?? 'gone'}.`);
    if ((instance.BackupRetentionPeriod ?? 0) === 0) {
      await rds.modify(names.database, {
        backupRetention: workload.database.backupRetention,
        deletionProtection: true,
      });
      throw notYet('Backups of the replica are being switched on.');
    }
  },
});

/** Zero: after quiescing, the replica holds every transaction of the source. The service's own transactions make equality impossible. */
export const drainFully = (from: Side): Step => ({
  check: async (context) => (await context.recall('position')) !== undefined,
  async act(context) {
    // The source is quiet: what it holds now is all there will be.
    const { executed, source } = await soonHolds(context, otherSide(from));
    const { dialect, version } = source;
    await context.remember('position', { executed, received: source.executed, dialect, version });
  },
});

/**
 * Whether the replica on a side holds, within moments, what its source holds now. A source that is written to is always a moment ahead, so
 * the same set is asked for until the link had its time: asked once, a busy workload's replica would never have caught up.
 * @throws not yet, with both sets.
 */
async function soonHolds({ clock, on }: StepContext, side: Side) {
  const source = await on(otherSide(side)).sql.ask({ ask: 'look' });
  for (let attempt = 0; ; attempt++) {
    const { contains, executed } = await on(side).sql.ask({ ask: 'contains', set: source.executed });
    if (contains) return { executed, source };
    if (attempt === 9) throw notYet(`The ${side} replica holds ${executed} of ${source.executed}.`);
    await sleep(clock, 500);
  }
}

/** Before writes stop: the time they are stopped for must not be spent on an old backlog. */
export const awaitReplicaCaughtUp: Step = {
  act: async (context) => void (await soonHolds(context, 'recovery')),
};
