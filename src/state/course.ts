/**
 * The course of a run: what people ordered of it, and how far each of its steps has come. Every asking of a step reads it, so that an
 * order takes effect at the next asking, wherever the run is carried out. Each order and each step is an item of its own: parallel
 * branches and several people write at the same time.
 */

import type { StepName } from '../plan/catalogue.ts';
import type { ItemStore } from './items.ts';

/** Who ordered it, and why. */
export interface Order {
  readonly by: string;
  readonly why: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Orders about a run as a whole. `unplanned` turns a planned move into a failover: the primary Region isn't waited for any more. */
export type RunOrder = 'pause' | 'resume' | 'abort' | 'unplanned' | 'reopen';
/** Orders about one of its steps. */
export type StepOrder = 'retry' | 'skip';

export interface StepProgress {
  readonly step: StepName;
  /** When it was first asked and wasn't true. */
  readonly firstAt?: number;
  /** Failures in a row that weren't a plain "not yet": a throttle, a broken connection, a Region without room. It is tried again by itself. */
  readonly failures?: { readonly count: number; readonly since: number; readonly error: string };
  /** It waits for a person since then: the error that it met. */
  readonly held?: { readonly since: number; readonly error: string };
  readonly doneAt?: number;
}

export interface Course {
  readonly orders: Readonly<Partial<Record<RunOrder, Order>>>;
  /** By the step's name. */
  readonly stepOrders: Readonly<Record<string, Readonly<Partial<Record<StepOrder, Order>>>>>;
  readonly steps: Readonly<Record<string, StepProgress>>;
}

type Item =
  | { readonly kind: 'order'; readonly order: RunOrder; readonly said: Order }
  | { readonly kind: 'step-order'; readonly order: StepOrder; readonly step: StepName; readonly said: Order }
  | { readonly kind: 'step'; readonly progress: StepProgress };

const prefixOf = (run: string) => `course#${run}#`;

export async function readCourse(store: ItemStore, run: string): Promise<Course> {
  const orders: Partial<Record<RunOrder, Order>> = {};
  const ofSteps: Record<string, Partial<Record<StepOrder, Order>>> = {};
  const steps: Record<string, StepProgress> = {};
  for (const item of await store.list<Item>(prefixOf(run))) {
    if (item.kind === 'order') orders[item.order] = item.said;
    else if (item.kind === 'step') steps[item.progress.step] = item.progress;
    else ofSteps[item.step] = { ...ofSteps[item.step], [item.order]: item.said };
  }
  return { orders, stepOrders: ofSteps, steps };
}

export const giveOrder = (store: ItemStore, run: string, order: RunOrder, said: Order): Promise<void> =>
  store.put(`${prefixOf(run)}order#${order}`, { kind: 'order', order, said } satisfies Item);

/** Answers whether it is new: what has been ordered once is not ordered again. */
export const giveOrderOnce = (store: ItemStore, run: string, order: RunOrder, said: Order): Promise<boolean> =>
  store.create(`${prefixOf(run)}order#${order}`, { kind: 'order', order, said } satisfies Item);

export const giveStepOrder = (
  store: ItemStore,
  run: string,
  step: StepName,
  order: StepOrder,
  said: Order,
): Promise<void> =>
  store.put(`${prefixOf(run)}step-order#${step}#${order}`, {
    kind: 'step-order',
    order,
    step,
    said,
  } satisfies Item);

export const noteProgress = (store: ItemStore, run: string, progress: StepProgress): Promise<void> =>
  store.put(`${prefixOf(run)}step#${progress.step}`, { kind: 'step', progress } satisfies Item);
