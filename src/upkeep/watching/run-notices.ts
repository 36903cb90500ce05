/**
 * What people are told of a run while it is under way: what moved, what can be used again, and what waits for them. Pure; a notice's id is
 * the same in every round, so that it goes out once. That a run starts and ends is told by a rule of its own, which outlives the watcher.
 */

import type { Quote } from '../../ledger/quote.ts';
import type { StepName } from '../../plan/catalogue.ts';
import { stepSpec } from '../../plan/custom.ts';
import type { Course } from '../../state/course.ts';
import type { StoredRun } from '../../state/runs.ts';
import { isHeldNow, isPaused } from '../../steps/obey.ts';
import type { Notice } from './notices.ts';

/** Steps whose end is a phase of the move, and what it means for whoever waits. */
const phases: Readonly<Partial<Record<StepName, string>>> = {
  QuiescePrimary: 'writes have stopped in the primary Region',
  Quiesce: 'writes have stopped in the recovery Region',
  CommitRecovery: 'from now on the recovery Region is the active one',
  CommitPrimary: 'from now on the primary Region is the active one',
  ScaleOutRecovery: 'the recovery Region has its instances',
  ProveRecoveryWrite: 'the recovery database takes writes',
  ProvePrimaryWrite: 'the primary database takes writes',
  VerifyRecovery: 'customers are served by the recovery Region',
  VerifyPrimary: 'customers are served by the primary Region',
};

/** Failures in a row after which somebody is told; by then about a minute has passed. */
const mostFailures = 6;

type Told = Pick<StoredRun, 'graph' | 'id' | 'plan' | 'trigger'>;

export function runNotices(workload: string, run: Told, course: Course, quote: Quote | undefined): readonly Notice[] {
  const notice = (what: string, subject: string, lines: readonly string[]): Notice => ({
    id: `run#${run.id}#${what}`,
    subject: `${workload}: ${subject}`,
    text: [`${workload}: run ${run.id} (${run.plan}): ${lines[0]}`, ...lines.slice(1)].join('\n'),
  });
  const done = Object.values(course.steps)
    .filter(({ doneAt, step }) => doneAt !== undefined && phases[step] !== undefined)
    .sort((one, other) => (one.doneAt ?? 0) - (other.doneAt ?? 0));
  const moved = done.map(({ step, doneAt = 0 }) => {
    const says = phases[step] ?? '';
    const commits = step === 'CommitRecovery' && quote !== undefined;
    return notice(step, says, [
      `${says} (${new Date(doneAt).toISOString()}).`,
      ...(step === 'CommitRecovery' || step === 'CommitPrimary' ? [`Why: ${run.trigger.why}.`] : []),
      ...(commits ? [`The quote it was committed on: ${quote.says}`] : []),
    ]);
  });
  const waiting = Object.values(course.steps).flatMap(({ held, step }) =>
    held === undefined || !isHeldNow(course, step)
      ? []
      : [
          notice(`held#${step}#${held.since}`, `${step} waits for a person`, [
            `${step} waits for a person: ${held.error}`,
            `It is to ${stepSpec(run.graph?.own ?? {}, step).does}. Everything else goes on.`,
            `Mend it, then: pilot-light run retry ${run.id} ${step}`,
            `Or leave it out: pilot-light run skip ${run.id} ${step} --why …`,
          ]),
        ],
  );
  const failing = Object.values(course.steps).flatMap(({ doneAt, failures, held, step }) =>
    doneAt !== undefined || held !== undefined || failures === undefined || failures.count < mostFailures
      ? []
      : [
          notice(`failing#${step}#${failures.since}`, `${step} goes on failing`, [
            `${step} goes on failing: ${failures.error}`,
            'It is tried again until its deadline, then it waits for a person.',
          ]),
        ],
  );
  const { pause, abort } = course.orders;
  const ordered = [
    ...(pause !== undefined && isPaused(course)
      ? [
          notice(`pause#${pause.at}`, 'a run is paused', [
            `paused by ${pause.by}: ${pause.why}.`,
            `It goes on with: pilot-light run resume ${run.id}`,
          ]),
        ]
      : []),
    ...(abort === undefined
      ? []
      : [notice('abort', 'a run is told to stop', [`told to stop by ${abort.by}: ${abort.why}.`])]),
  ];
  return [...moved, ...ordered, ...failing, ...waiting];
}
