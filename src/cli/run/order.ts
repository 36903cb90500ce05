/**
 * `pilot-light run pause|resume|retry|skip|abort|unplanned`: writes an order into the state, where the next asking of any step finds it.
 * It needs no function and no state machine. What would have no effect is refused.
 */

import { userInfo } from 'node:os';
import type { Base } from '../../engines/base.ts';
import { usageError } from '../../kernel/errors.ts';
import type { StepName } from '../../plan/catalogue.ts';
import { stepsOf } from '../../plan/graph.ts';
import { planOf } from '../../plan/plans.ts';
import { readAuthority } from '../../state/authority.ts';
import type { Course, Order } from '../../state/course.ts';
import { giveOrder, giveStepOrder, readCourse } from '../../state/course.ts';
import type { StoredRun } from '../../state/runs.ts';
import { isHeldNow, isPaused } from '../../steps/obey.ts';
import { askedBase } from '../asked-clients.ts';
import type { OrderFlags, OrderName } from '../run-commands.ts';
import { print, printJson } from '../text.ts';
import { findRun } from './find-run.ts';

export async function order(
  name: OrderName,
  id: string | undefined,
  stepGiven: string | undefined,
  flags: OrderFlags,
): Promise<number> {
  const base = await askedBase(flags);
  const why = flags.why ?? 'no reason was given';
  const { run, step, said } = await giveOrderTo(base, name, { id, step: stepGiven, by: userInfo().username, why });
  if (flags.json === true) printJson({ run, order: name, ...(step === undefined ? {} : { step }), ...said });
  else print([`Run ${run}: ${says[name]}${step === undefined ? '' : ` ${step}`}. It is found at the next asking.`]);
  return 0;
}

export interface Given {
  /** The run, or what its id begins with; the one under way when not given. */
  readonly id: string | undefined;
  readonly step: string | undefined;
  readonly by: string;
  readonly why: string;
}

/** @throws a usage error for an order that has no effect. */
export async function giveOrderTo(
  base: Base,
  name: OrderName,
  { id, step: stepGiven, by, why }: Given,
): Promise<{ readonly run: string; readonly step: StepName | undefined; readonly said: Order }> {
  const run = await findRun(base, id);
  if (run.status !== 'running') {
    throw usageError(`Run ${run.id} has ended: it ${run.status === 'aborted' ? 'was aborted' : run.status}.`, {
      next:
        run.status === 'failed'
          ? `pilot-light ${run.plan} starts it again; one that had committed goes on where it was.`
          : 'Nothing can be ordered of it any more.',
    });
  }
  const course = await readCourse(base.store, run.id);
  const step = stepGiven === undefined ? undefined : stepNamed(base, run, stepGiven);
  const committed = (await readAuthority(base.store)).epoch === run.epoch;
  check(name, run, course, step, committed);
  const said: Order = { by, why, at: after(course, base) };
  if (name === 'retry' || name === 'skip') {
    if (step !== undefined) await giveStepOrder(base.store, run.id, step, name, said);
  } else await giveOrder(base.store, run.id, name, said);
  return { run: run.id, step, said };
}

const says: Readonly<Record<OrderName, string>> = {
  pause: 'it is to wait',
  resume: 'it is to go on',
  retry: 'it is to try again',
  skip: 'it is to leave out',
  abort: 'it is to end, and what it had begun to be taken back',
  unplanned: 'it is a failover from now on',
};

function stepNamed({ workload }: Base, run: StoredRun, given: string): StepName {
  const all = stepsOf((run.graph ?? planOf(workload, run.plan)).root);
  const found = all.find((step) => step.toLowerCase() === given.toLowerCase());
  if (found !== undefined) return found;
  throw usageError(`Run ${run.id} has no such step.`, { given, allowed: all.join(', ') });
}

function check(name: OrderName, run: StoredRun, course: Course, step: StepName | undefined, committed: boolean): void {
  const refuse = (what: string, next: string) => {
    throw usageError(`Run ${run.id} ${what}.`, { next });
  };
  if (name === 'pause' && isPaused(course)) refuse('is paused already', 'pilot-light run resume lets it go on.');
  if (name === 'resume' && !isPaused(course))
    refuse(
      "isn't paused",
      'pilot-light run show says what it does; a step that waits for a person takes retry or skip.',
    );
  if (name === 'abort' && committed)
    refuse(
      'has committed: the workload has moved already, and going back half-way would lose more',
      run.plan === 'failback' ? 'Let it end.' : 'Let it end, then bring the workload home with pilot-light failback.',
    );
  if (name === 'unplanned') {
    if (run.plan !== 'switchover') refuse(`is a ${run.plan}`, 'Only a switchover can be turned into a failover.');
    if (committed)
      refuse('has committed: it waits for the primary Region no more', 'pilot-light run show says what it does.');
  }
  if (step === undefined) return;
  const progress = course.steps[step];
  if (name === 'retry' && progress?.doneAt === undefined && !isHeldNow(course, step))
    refuse(`hasn't come to an end with ${step}`, 'A step that is under way is asked again by itself.');
  if (name === 'skip') {
    if (progress?.doneAt !== undefined) refuse(`is through with ${step}`, 'There is nothing to leave out.');
    if (unskippable.includes(step))
      refuse(
        `can't leave out ${step}`,
        'Without it the workload would be nobody’s, or two Regions’. Abort the run instead.',
      );
  }
}

/** They say who is active, and that the run is over. */
const unskippable: readonly StepName[] = [
  'OpenRun',
  'OpenMove',
  'OpenReturn',
  'CommitRecovery',
  'CommitPrimary',
  'CloseRun',
];

/** Later than everything it is about, whatever the clock of this machine says. */
function after({ orders, steps }: Course, { clock }: Base): number {
  const times = [
    ...Object.values(orders).map(({ at }) => at),
    ...Object.values(steps).flatMap(({ doneAt = 0, held }) => [doneAt, held?.since ?? 0]),
  ];
  return Math.max(clock.now(), ...times.map((at) => at + 1));
}
