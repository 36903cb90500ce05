/** Runs as text. Pure. */

import { isoTime } from '../../kernel/clock.ts';
import type { StepName } from '../../plan/catalogue.ts';
import { stepSpec } from '../../plan/custom.ts';
import { stepsOf } from '../../plan/graph.ts';
import type { Planned } from '../../plan/plans.ts';
import { planOf } from '../../plan/plans.ts';
import type { Course } from '../../state/course.ts';
import type { StoredRun } from '../../state/runs.ts';
import { isHeldNow, isPaused } from '../../steps/obey.ts';
import { columns, shortTime } from '../text.ts';

const timeOf = (at: number): string => shortTime(isoTime(at));
const secondsOf = (from: number, to: number): string => `${((to - from) / 1000).toFixed(0)} s`;

export const lineOf = ({ startedAt, plan, epoch, status, id, trigger }: StoredRun): string[] => [
  timeOf(startedAt),
  plan,
  String(epoch),
  status,
  id,
  trigger.why,
];

export function headOf(run: StoredRun): string[] {
  return [
    `Run ${run.id}: ${run.plan}, epoch ${run.epoch}, started ${timeOf(run.startedAt)} UTC`,
    `Why: ${run.trigger.why}`,
    `Carried out by: ${run.execution}`,
    stateOf(run),
  ];
}

export function stateOf({ endedAt, failure, startedAt, status }: StoredRun): string {
  if (endedAt === undefined) return 'It is under way.';
  const took = `after ${secondsOf(startedAt, endedAt)}`;
  if (status === 'succeeded') return `It succeeded ${took}.`;
  return `It ${status === 'aborted' ? 'was aborted' : 'failed'} ${took}: ${failure?.error ?? 'no reason is recorded'}`;
}

/** A line for each step in the order of the plan, and what is ordered of the run. */
export function tableOf(workload: Planned, run: StoredRun, course: Course): string[] {
  const steps = stepsOf((run.graph ?? planOf(workload, run.plan)).root);
  const rows = steps.map((step) => [
    mark(course, step),
    step,
    wordOf(course, step, run.startedAt),
    stepSpec(run.graph?.own ?? {}, step).does,
  ]);
  return [...columns(rows), ...orderLines(run, course)];
}

const marks = { done: '+', left: '-', held: '!', asked: '>', open: ' ' } as const;

function mark(course: Course, step: StepName): string {
  const progress = course.steps[step];
  if (isHeldNow(course, step)) return marks.held;
  if (progress?.doneAt !== undefined) return course.stepOrders[step]?.skip === undefined ? marks.done : marks.left;
  return progress?.firstAt === undefined ? marks.open : marks.asked;
}

function wordOf(course: Course, step: StepName, startedAt: number): string {
  const progress = course.steps[step];
  if (isHeldNow(course, step)) return 'waits for a person';
  if (progress?.doneAt !== undefined) {
    const skip = course.stepOrders[step]?.skip;
    return `${skip === undefined ? 'done' : 'left out'} after ${secondsOf(startedAt, progress.doneAt)}`;
  }
  return progress?.firstAt === undefined ? '' : 'under way';
}

function orderLines(run: StoredRun, course: Course): string[] {
  const { pause } = course.orders;
  const waiting = Object.values(course.steps).filter(({ step }) => isHeldNow(course, step));
  const failing = Object.values(course.steps).filter(
    ({ doneAt, failures, step }) => doneAt === undefined && failures !== undefined && !isHeldNow(course, step),
  );
  return [
    ...(pause !== undefined && isPaused(course)
      ? ['', `It is paused by ${pause.by}: ${pause.why}. It goes on with pilot-light run resume ${run.id}`]
      : []),
    ...failing.flatMap(({ step, failures }) => ['', `${step} goes on failing, and is tried again: ${failures?.error}`]),
    ...waiting.flatMap(({ step, held }) => ['', ...waitingLines(run.id, step, held?.error ?? '')]),
    ...Object.entries(course.stepOrders).flatMap(([step, { skip }]) =>
      skip === undefined ? [] : ['', `${step} was left out by ${skip.by}: ${skip.why}.`],
    ),
  ];
}

const waitingLines = (run: string, step: StepName, error: string): string[] => [
  `${step} waits for a person: ${error}`,
  `  Mend it, then:   pilot-light run retry ${run} ${step}`,
  `  Or leave it out: pilot-light run skip ${run} ${step} --why …`,
];

/** What hasn't been told yet, in the order it happened. */
export function newsOf(run: StoredRun, course: Course, told: Set<string>): string[] {
  const at = (time: number) => `+${String(Math.max(0, Math.round((time - run.startedAt) / 1000))).padStart(5)} s`;
  const news = Object.values(course.steps).flatMap(({ step, firstAt, doneAt, held }) => [
    ...(firstAt === undefined
      ? []
      : [
          { key: `${step} ${firstAt}`, time: firstAt, text: `> ${step}: ${stepSpec(run.graph?.own ?? {}, step).does}` },
        ]),
    ...(held !== undefined && isHeldNow(course, step)
      ? [
          {
            key: `${step} held ${held.since}`,
            time: held.since,
            text: `! ${waitingLines(run.id, step, held.error).join('\n')}`,
          },
        ]
      : []),
    ...(doneAt === undefined ? [] : [{ key: `${step} done ${doneAt}`, time: doneAt, text: `+ ${step}` }]),
  ]);
  const { pause, abort, unplanned } = course.orders;
  const ordered = Object.entries({ paused: pause, 'told to end': abort, 'a failover from now on': unplanned }).flatMap(
    ([what, order]) =>
      order === undefined
        ? []
        : [{ key: `${what} ${order.at}`, time: order.at, text: `* ${what}, by ${order.by}: ${order.why}` }],
  );
  return [...news, ...ordered]
    .sort((one, other) => one.time - other.time)
    .filter(({ key }) => !told.has(key) && told.add(key))
    .map(({ time, text }) => `${at(time)}  ${text}`);
}
