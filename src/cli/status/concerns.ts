/**
 * What of a workload isn't as it should be, as a table: each rule says what is the matter and what to do about it. Pure. Nothing of it
 * is all right with whoever asks: a workload without concerns is served by one Region, and the other could take over.
 */

import { stateAt } from '../../plan/approval.ts';
import type { StepName } from '../../plan/catalogue.ts';
import { isOwed } from '../../state/debts.ts';
import { isHeldNow, isPaused } from '../../steps/obey.ts';
import { fenceParts } from '../../steps/raise-fence.ts';
import type { Workload } from '../../workload/config.ts';
import type { Side } from '../../workload/judged.ts';
import { otherSide, regionOf } from '../../workload/judged.ts';
import type { Observed, State } from './observe.ts';
import { answerOf, answers } from './observe.ts';
import { spanOf } from './spans.ts';

export interface Concern {
  readonly code: string;
  readonly says: string;
  /** What to do about it. */
  readonly next: string;
}

export interface Known {
  readonly workload: Workload;
  readonly observed: Observed;
  /** Undefined while it can't be read. */
  readonly state: State | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

type Rule = (known: Known) => Concern | undefined;

export const concernsOf = (known: Known): readonly Concern[] => rules.flatMap((rule) => rule(known) ?? []);

/** Milliseconds: the watcher writes each minute at least. */
const silence = 150_000;

const stateUnread: Rule = ({ observed: { state }, workload }) =>
  'problem' in state
    ? {
        code: 'state-unread',
        says: `The state can't be read in ${workload.recovery.region}: ${state.problem}`,
        next: `Who is active is told by the role each Region holds itself to be in, above. Look whether ${workload.recovery.region} answers you: aws dynamodb describe-table --region ${workload.recovery.region}`,
      }
    : undefined;

const silentRegion =
  (side: Side): Rule =>
  ({ observed, workload }) => {
    if (answers(observed.sides[side])) return undefined;
    const { role } = observed.sides[side];
    return {
      code: `${side}-silent`,
      says: `${regionOf(workload, side)} answers nothing that was asked: ${'problem' in role ? role.problem : ''}`,
      next: 'Whether it is the Region or the way from here is for the watcher to tell: its line above is from the recovery Region.',
    };
  };

/** One active side, and the other one not. */
const roles: Rule = ({ observed: { sides }, state, workload }) => {
  if (state === undefined || state.authority.holder !== undefined) return undefined;
  const { active } = state.authority;
  const wrong = (['primary', 'recovery'] as const).filter((side) => {
    const role = answerOf(sides[side].role);
    return role !== undefined && (side === active) !== (role === 'active') && !isOwed(state.debt);
  });
  const [side] = wrong;
  if (side === undefined) return undefined;
  return {
    code: 'role-differs',
    says: `${regionOf(workload, side)} holds itself to be ${answerOf(sides[side].role)}, but the ${active} Region is the active one.`,
    next: 'Deploy nothing. Look at the last run: pilot-light run show.',
  };
};

const step: Rule = ({ state }) => {
  const run = state?.run;
  if (run === undefined || run.record.status !== 'running') return undefined;
  const held = Object.values(run.course.steps).filter((one) => isHeldNow(run.course, one.step));
  const [first] = held;
  if (first !== undefined) {
    const orders = (what: StepName) => `pilot-light run retry ${run.record.id} ${what}`;
    return {
      code: 'step-held',
      says: `${held.map((one) => one.step).join(', ')} ${held.length === 1 ? 'waits' : 'wait'} for a person: ${first.held?.error ?? ''}`,
      next: `Mend it, then ${orders(first.step)}; or leave it out: pilot-light run skip ${run.record.id} ${first.step} --why …`,
    };
  }
  if (!isPaused(run.course)) return undefined;
  const { pause } = run.course.orders;
  return {
    code: 'run-paused',
    says: `The run is paused by ${pause?.by}: ${pause?.why}.`,
    next: `pilot-light run resume ${run.record.id}`,
  };
};

const underWay: Rule = ({ now, state }) => {
  const record = state?.run?.record;
  if (record?.status !== 'running') return undefined;
  return {
    code: 'run-under-way',
    says: `A ${record.plan} is under way for ${spanOf(now - record.startedAt)}.`,
    next: `pilot-light run show ${record.id} --follow`,
  };
};

const brokenOff: Rule = ({ state }) => {
  const record = state?.run?.record;
  if (record?.status !== 'failed' || state?.authority.movedBy !== record.id) return undefined;
  return {
    code: 'run-broken-off',
    says: `The ${record.plan} failed after it had moved the workload: ${record.failure?.error ?? ''}`,
    next: `pilot-light ${record.plan} goes on with it where it was.`,
  };
};

const approval: Rule = ({ now, state }) => {
  const request = state?.request;
  if (request === undefined || stateAt(request, now) !== 'pending') return undefined;
  return {
    code: 'approval-waits',
    says: `A failover waits to be approved, for ${spanOf(request.expiresAt - now)} more: ${request.sentence}.`,
    next: `pilot-light approve ${request.id} shows what it would lose, and asks.`,
  };
};

const watcher: Rule = ({ now, state }) => {
  if (state === undefined) return undefined;
  const last = state.watch?.memory.stretches.at(-1)?.at;
  if (last !== undefined && now - last < silence) return undefined;
  return {
    code: 'watcher-silent',
    says:
      last === undefined
        ? 'The watcher has written nothing yet: nobody looks.'
        : `The watcher hasn't written for ${spanOf(now - last)}: nobody looks.`,
    next: "After a first deployment, wait a minute. Else look into the watch function's log and its schedule.",
  };
};

const finding: Rule = ({ state }) => {
  const decision = state?.decision;
  if (decision === undefined || decision.epoch !== state?.authority.epoch) return undefined;
  if (decision.finding === 'all-well' && decision.beside.length === 0) return undefined;
  if (state.authority.active === 'recovery') return undefined;
  const beside = decision.beside.length === 0 ? '' : ` Beside it: ${decision.beside.join(', ')}.`;
  const known = state.acknowledged;
  if (known?.finding === decision.finding && known.at >= decision.since && decision.beside.length === 0)
    return undefined;
  return {
    code: 'finding',
    says: `${decision.finding}: ${decision.sentence}.${beside}`,
    next: 'pilot-light quote says what failing over now would lose; pilot-light acknowledge takes it as seen.',
  };
};

const brake: Rule = ({ state }) =>
  state?.authority.brake === undefined
    ? undefined
    : {
        code: 'brake-on',
        says: `The brake is on, no run can start: ${state.authority.brake}.`,
        next: 'pilot-light brake off releases it.',
      };

const fence: Rule = ({ now, observed, state, workload }) => {
  const debt = state?.debt;
  if (state === undefined || !isOwed(debt) || state.authority.active === debt.side) return undefined;
  const open = fenceParts.filter((part) => !debt.acknowledged.includes(part));
  return {
    code: 'fence-owed',
    says: `${regionOf(workload, debt.side)} isn't fenced, for ${spanOf(now - debt.owedSince)}; what is missing: ${open.join(', ')}.`,
    next: answers(observed.sides[debt.side])
      ? "It answers now, and is fenced within a minute; if not, look into the fence function's log."
      : 'It is fenced by itself as soon as it can be reached. Let nobody route to it meanwhile.',
  };
};

const lease: Rule = ({ state, workload }) => {
  if (state === undefined || workload.witness === undefined || state.authority.holder !== undefined) return undefined;
  const { active, epoch } = state.authority;
  if (state.lease?.epoch === epoch && state.lease.guarded) return undefined;
  return {
    code: 'lease-unguarded',
    says: `The ${active} database isn't known to be held to its lease: a failover would have to owe a fence.`,
    next: "Look into the guard function's log in that Region.",
  };
};

/** Whoever is active, the other side has to hold a copy that can take over. */
const copy: Rule = ({ observed: { look, sides }, state, workload }) => {
  if (state === undefined) return undefined;
  const { active, holder } = state.authority;
  const standby = otherSide(active);
  const region = regionOf(workload, standby);
  const of = sides[standby].database;
  const standing = answerOf(of);
  if (standing?.is === 'replica') {
    const said = standby === 'recovery' ? answerOf(look)?.replica : undefined;
    const trouble =
      said?.error ??
      (standing.status === 'available' && !standing.replicating ? (said?.linkError ?? 'RDS says so') : undefined);
    if (trouble === undefined) return undefined;
    return {
      code: 'replica-broken',
      says: `The replica in ${region} doesn't replicate: ${trouble}`,
      next: 'What is written from now on has no second copy. Look at SHOW REPLICA STATUS, and at the status RDS gives it.',
    };
  }
  // Its Region's silence is told already.
  if ('problem' in of || holder !== undefined) return undefined;
  return {
    code: 'no-standby-copy',
    says: `The workload has no standby copy: ${standing === undefined ? `there is no database in ${region}` : `the database in ${region} is no replica`}.`,
    next:
      active === 'recovery'
        ? 'pilot-light failback builds one and brings the workload home, once that Region is well.'
        : 'Deploy the recovery stacks, or look at the last failback: pilot-light run show.',
  };
};

const launches: Rule = ({ observed: { capacity }, state, workload }) => {
  if (state === undefined || state.authority.active === 'recovery') return undefined;
  const [verdict, seen] = answerOf(capacity) ?? [];
  if (verdict !== 'failed') return undefined;
  return {
    code: 'recovery-no-capacity',
    says: `${workload.recovery.region} couldn't take over: ${seen}.`,
    next: 'Let the images function make one, or look at the activities of the Auto Scaling group there.',
  };
};

const captured: Rule = ({ state }) =>
  state === undefined || state.authority.active === 'recovery' || state.capacity !== undefined
    ? undefined
    : {
        code: 'capacity-unknown',
        says: "The production capacity was never captured: a failover would scale to the config's.",
        next: 'The watcher captures it within a minute of seeing all well.',
      };

const compared: Rule = ({ now, state, workload }) => {
  if (state === undefined) return undefined;
  const late = 3 * 60_000 * workload.parameters.reconcileMinutes;
  const at = state.parameters.reconciled?.endedAt;
  if (at !== undefined && now - at < late) return undefined;
  return {
    code: 'parameters-stale',
    says:
      at === undefined
        ? 'Parameters were never compared in full.'
        : `Parameters were last compared ${spanOf(now - at)} ago, and are to be every ${workload.parameters.reconcileMinutes} min.`,
    next: "Look into the parameters function's log in the active Region.",
  };
};

/** The gravest first. */
const rules: readonly Rule[] = [
  stateUnread,
  step,
  brokenOff,
  approval,
  underWay,
  roles,
  fence,
  finding,
  watcher,
  copy,
  launches,
  lease,
  brake,
  silentRegion('primary'),
  silentRegion('recovery'),
  captured,
  compared,
];
