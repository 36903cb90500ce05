/** A status as one screen: who is active, what each side says of itself, what the state says, what isn't as it should be. Pure. */

import { isoTime } from '../../kernel/clock.ts';
import type { Seen } from '../../ledger/seen.ts';
import { stateAt } from '../../plan/approval.ts';
import { policyOf } from '../../plan/policy.ts';
import { isHeldNow } from '../../steps/obey.ts';
import { fenceParts } from '../../steps/raise-fence.ts';
import type { Workload } from '../../workload/config.ts';
import type { Side } from '../../workload/judged.ts';
import { regionOf } from '../../workload/judged.ts';
import { counted, paragraph, shortTime } from '../text.ts';
import type { Concern, Known } from './concerns.ts';
import type { DatabaseStanding, SideStanding, State } from './observe.ts';
import { answerOf, answers } from './observe.ts';
import { spanOf } from './spans.ts';

export function statusText(name: string, known: Known, concerns: readonly Concern[]): string[] {
  const { now, observed, state, workload } = known;
  const rows: [name: string, says: string][] = [
    ['Active', activeText(known)],
    ...(['primary', 'recovery'] as const).map((side): [string, string] => [
      regionOf(workload, side),
      sideText(side, observed.sides[side]),
    ]),
    ['Replica', replicaText(known)],
    ...(state === undefined ? [] : stateRows(state, workload, now)),
  ];
  const width = Math.max(...rows.map(([row]) => row.length)) + 2;
  return [
    `${name}, ${shortTime(isoTime(now))} UTC: ${verdictOf(state, concerns)}`,
    '',
    ...rows.flatMap(([row, says]) => paragraph(says, row.padEnd(width), ' '.repeat(width))),
    ...(concerns.length === 0 ? [] : ['', 'What needs a look']),
    ...concerns.flatMap(({ next, says }) => [
      ...paragraph(`- ${says.replace(/([^.!?…])$/, '$1.')}`, '  ', '    '),
      ...paragraph(next, '    '),
    ]),
  ];
}

function verdictOf(state: State | undefined, concerns: readonly Concern[]): string {
  if (state === undefined) return "who is active can't be told";
  return concerns.length === 0 ? 'served, and protected' : `${counted(concerns.length, 'matter')} to look at`;
}

function activeText({ observed: { state: read, sides }, state, workload }: Known): string {
  if (state === undefined) {
    const says = (['primary', 'recovery'] as const).filter((side) => answerOf(sides[side].role) === 'active');
    const held = says.map((side) => regionOf(workload, side)).join(' and ') || 'no Region that answers';
    return `can't be told from the state (${'problem' in read ? read.problem : 'there is none'}); ${held} holds itself to be active`;
  }
  const { active, epoch } = state.authority;
  return `the ${active} Region, ${regionOf(workload, active)}, in epoch ${epoch}`;
}

function sideText(side: Side, standing: SideStanding): string {
  if (!answers(standing)) return `${side}: doesn't answer (${problemOf(standing.role)})`;
  const { database, groups, role } = standing;
  const sizes = Object.entries(answerOf(groups) ?? {}).map(
    ([name, { desired, max, min }]) => `${name} ${desired} (${min} to ${max})`,
  );
  return [
    `${side}: ${told(role, (value) => `role ${value ?? 'unset'}`)}`,
    'problem' in groups ? `groups: ${groups.problem}` : sizes.join(', '),
    `database ${told(database, databaseText)}`,
  ].join('; ');
}

const databaseText = (database: DatabaseStanding | undefined): string =>
  database === undefined
    ? 'none'
    : [
        database.is === 'replica' ? `a replica, ${database.status}` : database.status,
        ...(database.multiAz ? ['Multi-AZ'] : []),
        database.backups === 0 ? 'no backups' : `backups of ${counted(database.backups, 'day')}`,
      ].join(', ');

/** The recovery Region's database where it is one, as it says itself; else what RDS says of the one that is being built. */
function replicaText({ observed: { look, sides }, now }: Known): string {
  const primary = answerOf(sides.primary.database);
  if ('problem' in look) return `not asked: ${look.problem}`;
  const { heartbeat, replica } = look.value;
  if (replica === undefined) {
    return primary?.is === 'replica'
      ? `in the primary Region, ${primary.status}, ${primary.replicating ? 'replicating' : 'not replicating'}`
      : 'none: the recovery database replicates from nowhere, and the primary one is no replica';
  }
  const behind = heartbeat === undefined ? 'no heartbeat has arrived' : `last beat ${spanOf(now - heartbeat.at)} old`;
  return [
    replica.receiving ? 'receiving' : `receiving nothing (${replica.linkError ?? 'its source is gone'})`,
    replica.applying ? 'applying' : `applying nothing (${replica.error ?? 'stopped'})`,
    behind,
    replica.drained ? 'all that was received is applied' : 'not all that was received is applied',
  ].join(', ');
}

function stateRows(state: State, workload: Workload, now: number): [string, string][] {
  return [
    ['Fence', fenceText(state, workload, now)],
    ['Run', runText(state, now)],
    ['Watcher', watcherText(state, now)],
    ['Automation', automationText(state, workload, now)],
    ['Approval', approvalText(state, now)],
    ['Upkeep', upkeepText(state, now)],
    ...rampRows(state),
  ];
}

function fenceText({ authority, debt, lease }: State, workload: Workload, now: number): string {
  const leased =
    workload.witness === undefined
      ? ''
      : lease === undefined
        ? 'no lease was ever taken; '
        : `lease of epoch ${lease.epoch}, ${lease.seconds} s, ${lease.guarded ? 'kept by the database' : 'not kept by the database'}; `;
  if (debt === undefined || debt.side === authority.active) return `${leased}none is owed`;
  const region = regionOf(workload, debt.side);
  return debt.paidAt === undefined
    ? `${leased}owed by ${region} for ${spanOf(now - debt.owedSince)}: ${debt.acknowledged.length} of ${fenceParts.length} parts stand`
    : `${leased}${region} is fenced since ${shortTime(isoTime(debt.paidAt))}`;
}

function runText({ authority, run }: State, now: number): string {
  if (run === undefined)
    return authority.holder === undefined ? 'there was none' : `${authority.holder} is being opened`;
  const { course, record } = run;
  const named = `${record.plan} ${record.id}`;
  if (record.status !== 'running')
    return `none under way; the last, ${named}, ${record.status === 'aborted' ? 'was aborted' : record.status} ${spanOf(now - (record.endedAt ?? now))} ago`;
  const steps = Object.values(course.steps).filter(
    ({ doneAt, firstAt }) => doneAt === undefined && firstAt !== undefined,
  );
  const at = steps.map(({ step }) => (isHeldNow(course, step) ? `${step} (held)` : step)).join(', ');
  return `${named} under way for ${spanOf(now - record.startedAt)}${at === '' ? '' : `, at ${at}`}`;
}

function watcherText({ decision, watch }: State, now: number): string {
  const last = watch?.memory.stretches.at(-1);
  if (last === undefined) return 'has written nothing yet';
  const sight = last.sightings.filter(({ verdict }) => verdict === 'failed').map(({ observer }) => observer);
  const failed = sight.length === 0 ? '' : `; failed at the last look: ${sight.join(', ')}`;
  const decided = decision === undefined ? '' : `; ${decision.code}: ${decision.sentence}`;
  return `looked within the last ${spanOf(Math.max(now - last.at, 60_000))}${decided}${failed}`;
}

function automationText({ authority }: State, workload: Workload, now: number): string {
  const { triggers } = policyOf(workload);
  const kinds = [...new Set(Object.values(triggers))];
  return [
    kinds.length === 1
      ? kinds[0]
      : `Region ${triggers.regionDark}, database ${triggers.databaseDown}, application ${triggers.applicationDown}`,
    authority.brake === undefined ? 'brake off' : `brake on: ${authority.brake}`,
    authority.lockedOutUntil > now ? `locked out for ${spanOf(authority.lockedOutUntil - now)} more` : 'not locked out',
  ].join('; ');
}

function approvalText({ request }: State, now: number): string {
  if (request === undefined) return 'nothing was asked';
  const is = stateAt(request, now);
  if (is === 'pending') return `${request.id} waits for ${spanOf(request.expiresAt - now)} more: ${request.quote.says}`;
  return `nothing waits; the last, ${request.id}, was ${is}`;
}

function upkeepText({ capacity, parameters: { reconciled } }: State, now: number): string {
  return [
    capacity === undefined ? 'capacity never captured' : `capacity captured ${spanOf(now - capacity.seenAt)} ago`,
    reconciled === undefined
      ? 'parameters never compared'
      : `parameters compared ${spanOf(now - reconciled.endedAt)} ago`,
  ].join('; ');
}

/** Only while there is something to tell: sources are as declared but for the time after a move. */
function rampRows({ authority, ramp }: State): [string, string][] {
  if (ramp === undefined || ramp.endedAt !== undefined || ramp.epoch !== authority.epoch) return [];
  const open = ramp.open.map(
    ({ function: name, most, waiting }) => `${name} takes ${most} at a time, ${counted(waiting, 'message')} wait`,
  );
  return [['Sources', `being opened: ${open.join('; ') || 'not looked at yet'}`]];
}

const problemOf = (look: Seen<unknown>): string => ('problem' in look ? look.problem : '');
const told = <T>(look: Seen<T>, tell: (value: T) => string): string =>
  'problem' in look ? `not told (${look.problem})` : tell(look.value);
