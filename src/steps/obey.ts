/**
 * What orders and past askings make of an asking, before anything is done. Pure: the same under Step Functions and in process, and for a
 * test.
 *
 *  1. What is done stays done, unless it was ordered anew.
 *  2. An abort counts until the run has committed, a skip whenever the step isn't done.
 *  3. A step that is held waits for `retry` or `skip`, and is looked at meanwhile; a run that is paused, for `resume`. Both wait in place:
 *     other branches go on.
 */

import { aborted, held } from '../kernel/errors.ts';
import type { StepName } from '../plan/catalogue.ts';
import type { Course, Order } from '../state/course.ts';

export type Word = 'go on' | 'done' | 'skip' | 'look';

/** @throws what ends this asking: `held` while a person's word is waited for, `aborted` when there is nothing more to do. */
export function obey(course: Course, step: StepName, run: string, committed: boolean): Word {
  const { orders } = course;
  const progress = course.steps[step];
  const { retry, skip } = course.stepOrders[step] ?? {};
  if (orders.abort !== undefined && !committed) throw stopped(orders.abort);
  if (progress?.doneAt !== undefined && !isAfter(retry, progress.doneAt)) return 'done';
  if (skip !== undefined) return 'skip';
  if (isPaused(course)) {
    throw held(`${step} waits: the run is paused by ${orders.pause?.by}: ${orders.pause?.why}.`, {
      next: `It goes on with pilot-light run resume ${run}.`,
    });
  }
  return isHeldNow(course, step) ? 'look' : 'go on';
}

export const isPaused = ({ orders: { pause, resume } }: Course): boolean =>
  pause !== undefined && !isAfter(resume, pause.at);

export function isHeldNow({ orders, stepOrders, steps }: Course, step: StepName): boolean {
  const { doneAt, held: hold } = steps[step] ?? {};
  // Done since, by itself or by being left out: what it had waited for stands there for whoever reads it later.
  if (hold === undefined || (doneAt !== undefined && doneAt >= hold.since)) return false;
  const { since } = hold;
  return !isAfter(stepOrders[step]?.retry, since) && !isAfter(orders.reopen, since);
}

/** From when its deadline counts: a step that was held up has it anew. */
export function begunAt({ orders, stepOrders, steps }: Course, step: StepName): number | undefined {
  const first = steps[step]?.firstAt;
  if (first === undefined) return undefined;
  const anew = [stepOrders[step]?.retry, orders.resume, orders.reopen].map((order) => order?.at ?? 0);
  return Math.max(first, ...anew);
}

export const waiting = (step: StepName, run: string, error: string): Error =>
  held(`${step} waits for a person: ${error}`, {
    next: `Mend it and say pilot-light run retry ${run} ${step}, or leave it out: pilot-light run skip ${run} ${step} --why …`,
  });

const stopped = ({ by, why }: Order): Error =>
  aborted(`The run stops before it has committed anything: ${why} (${by}).`, {
    next: 'What it had begun is taken back. Start it again if the workload is to move all the same.',
  });

const isAfter = (order: Order | undefined, at: number): boolean => order !== undefined && order.at > at;
