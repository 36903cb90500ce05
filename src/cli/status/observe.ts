/**
 * Looks at everything a status is told from: all at once, each with little patience, none needing another. Whatever doesn't answer is
 * told as that, so that a Region that is silent costs no more than the rest.
 */

import type { DBInstance } from '@aws-sdk/client-rds';
import type { Base } from '../../engines/base.ts';
import type { Size } from '../../engines/compute/group.ts';
import { isReplica, isReplicating } from '../../engines/database/rds.ts';
import type { DatabaseLook } from '../../engines/database/requests.ts';
import type { Seen } from '../../ledger/seen.ts';
import { seen } from '../../ledger/seen.ts';
import { recoveryCapacity } from '../../observe/recovery-side.ts';
import type { Word } from '../../observe/witness.ts';
import type { ApprovalRequest } from '../../plan/approval.ts';
import type { Acknowledgement } from '../../plan/world.ts';
import { latestRequest } from '../../state/approvals.ts';
import type { Authority } from '../../state/authority.ts';
import { readAuthority } from '../../state/authority.ts';
import type { Capacity } from '../../state/capacity.ts';
import { readCapacity } from '../../state/capacity.ts';
import type { Course } from '../../state/course.ts';
import { readCourse } from '../../state/course.ts';
import type { FenceDebt } from '../../state/debts.ts';
import { readDebt } from '../../state/debts.ts';
import type { DecisionRecord } from '../../state/decisions.ts';
import { readAcknowledgement, readDecision } from '../../state/decisions.ts';
import type { ItemStore } from '../../state/items.ts';
import { itemStore } from '../../state/items.ts';
import type { Lease } from '../../state/leases.ts';
import { readLease } from '../../state/leases.ts';
import type { WatchRecord } from '../../state/looks.ts';
import { readWatch } from '../../state/looks.ts';
import type { Ramp } from '../../state/ramps.ts';
import { readRamp } from '../../state/ramps.ts';
import type { StoredRun } from '../../state/runs.ts';
import { listRuns } from '../../state/runs.ts';
import type { ParameterSync } from '../../state/syncs.ts';
import { readParameterSync } from '../../state/syncs.ts';
import type { Side } from '../../workload/judged.ts';

/** What the state table says. */
export interface State {
  readonly authority: Authority;
  /** The one that holds the lock, or the latest. */
  readonly run: { readonly record: StoredRun; readonly course: Course } | undefined;
  readonly debt: FenceDebt | undefined;
  /** The active side's, where there is a witness. */
  readonly lease: Lease | undefined;
  readonly watch: WatchRecord | undefined;
  readonly decision: DecisionRecord | undefined;
  readonly acknowledged: Acknowledgement | undefined;
  readonly request: ApprovalRequest | undefined;
  readonly capacity: Capacity | undefined;
  readonly parameters: ParameterSync;
  /** Of event sources that a move switched on. */
  readonly ramp: Ramp | undefined;
}

export interface DatabaseStanding {
  readonly status: string;
  readonly is: 'source' | 'replica';
  /** By RDS's own account; of a replica. */
  readonly replicating: boolean;
  readonly multiAz: boolean;
  /** Days. */
  readonly backups: number;
}

export interface SideStanding {
  readonly role: Seen<string | undefined>;
  readonly groups: Seen<Readonly<Record<string, Size>>>;
  readonly database: Seen<DatabaseStanding | undefined>;
}

export interface Observed {
  /** Undefined where there is no table. */
  readonly state: Seen<State | undefined>;
  readonly sides: Readonly<Record<Side, SideStanding>>;
  /** The recovery Region's database, as it says itself. */
  readonly look: Seen<DatabaseLook>;
  /** Whether the recovery Region has what it would launch from. */
  readonly capacity: Seen<Word>;
}

/** Milliseconds for each question. The whole must be told within two seconds. */
const patience = 1100;

export async function observe(base: Base): Promise<Observed> {
  const { clock, on } = base;
  await loaded(base);
  const briefly = <T>(look: () => Promise<T>) => seen(clock, patience, look);
  const [state, primary, recovery, look, capacity] = await Promise.all([
    briefly(() => stateOf(base)),
    sideOf(base, 'primary', briefly),
    sideOf(base, 'recovery', briefly),
    briefly(() => on('recovery').sql.ask({ ask: 'look' })),
    briefly(() => recoveryCapacity(base)),
  ]);
  return { state, sides: { primary, recovery }, look, capacity };
}

/** Clients are loaded by a Region's first questions: what that takes must not be counted as a Region's silence. */
async function loaded({ on }: Base): Promise<void> {
  const { clients } = on('primary');
  await Promise.all([clients.autoScaling(), clients.dynamoDb(), clients.lambda(), clients.rds(), clients.ssm()]);
}

/** With a witness the table answers in the primary Region as well, with the same words. */
async function stateOf({ clientsIn, clock, names, store, workload }: Base): Promise<State | undefined> {
  const read = (from: ItemStore) => orNone(() => readState(from, workload.witness !== undefined));
  if (workload.witness === undefined) return read(store);
  const copy = itemStore(clientsIn(workload.primary.region), names.table, names.prefix, clock);
  try {
    return await Promise.any([read(store), read(copy)]);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

async function readState(store: ItemStore, leased: boolean): Promise<State> {
  const [authority, runs, debt, watch, decision, acknowledged, request, capacity, parameters, ramp] = await Promise.all(
    [
      readAuthority(store),
      listRuns(store),
      readDebt(store, 'primary'),
      readWatch(store),
      readDecision(store),
      readAcknowledgement(store),
      latestRequest(store),
      readCapacity(store),
      readParameterSync(store),
      readRamp(store),
    ],
  );
  const latest = runs.toSorted((one, other) => other.startedAt - one.startedAt);
  const record = latest.find(({ id }) => id === authority.holder) ?? latest[0];
  const [course, lease] = await Promise.all([
    record === undefined ? undefined : readCourse(store, record.id),
    leased ? readLease(store, authority.active) : undefined,
  ]);
  const run = record === undefined || course === undefined ? undefined : { record, course };
  return { authority, run, debt, lease, watch, decision, acknowledged, request, capacity, parameters, ramp };
}

async function orNone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

type Briefly = <T>(look: () => Promise<T>) => Promise<Seen<T>>;

async function sideOf({ names, on, workload }: Base, side: Side, briefly: Briefly): Promise<SideStanding> {
  const { group, parameters, rds } = on(side);
  const [role, groups, database] = await Promise.all([
    briefly(async () => (await parameters.get(names.roleParameter))?.Value),
    briefly(async () => {
      const sizes = Object.keys(workload.compute).map(async (name) => [name, await group(name).size()] as const);
      return Object.fromEntries(await Promise.all(sizes));
    }),
    briefly(async () => standingOf(await rds.describe(names.database))),
  ]);
  return { role, groups, database };
}

const standingOf = (instance: DBInstance | undefined): DatabaseStanding | undefined =>
  instance === undefined
    ? undefined
    : {
        status: instance.DBInstanceStatus ?? 'unknown',
        is: isReplica(instance) ? 'replica' : 'source',
        replicating: isReplicating(instance),
        multiAz: instance.MultiAZ ?? false,
        backups: instance.BackupRetentionPeriod ?? 0,
      };

/** What was seen; undefined where nothing answered. */
export const answerOf = <T>(look: Seen<T>): T | undefined => ('value' in look ? look.value : undefined);

/** Whether anything of a Region answered, whatever it said. */
export const answers = ({ database, groups, role }: SideStanding): boolean =>
  [database, groups, role].some((look) => 'value' in look);
