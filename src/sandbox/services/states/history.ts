/** The history of an execution: events numbered from 1, at most 25,000 of them. */

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { StatesError } from '../../asl/errors.ts';
import type { EventRecord } from '../../asl/host.ts';
import type { Mark } from '../../asl/mark.ts';
import type { SandboxCore } from '../../contract.ts';
import { type HistoryRow, historyKey, tablesOf } from './rows.ts';

/** Source: Step Functions quotas. */
export const mostEvents = 25_000;

const endings = new Set(['ExecutionSucceeded', 'ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut']);

export const isEnding = ({ type }: Pick<HistoryRow, 'type'>): boolean => endings.has(type);

export class Histories {
  readonly #core: SandboxCore;
  /** Events so far, of executions that run. */
  readonly #counts = new Map<string, number>();

  constructor(core: SandboxCore) {
    this.#core = core;
  }

  /** Appends and answers the event's number; the last place is kept for the execution's end. Throws `States.Runtime` when it is full. */
  append(region: string, executionArn: string, { event, previous, line, mark }: EventRecord): number {
    const count = this.#counts.get(executionArn) ?? this.rows(region, executionArn).length;
    if (count >= mostEvents - 1 && !isEnding(event)) {
      throw new StatesError(
        'States.Runtime',
        `The execution reached the maximum number of history events (${mostEvents}).`,
      );
    }
    const id = count + 1;
    tablesOf(this.#core, region).history.put(historyKey(executionArn, id), {
      ...event,
      id,
      previousEventId: previous,
      timestamp: this.#core.region(region).clock.now(),
      line,
      ...(mark === undefined ? {} : { mark }),
    });
    if (isEnding(event)) this.#counts.delete(executionArn);
    else this.#counts.set(executionArn, id);
    return id;
  }

  note(region: string, executionArn: string, event: number, mark: Mark): void {
    tablesOf(this.#core, region).history.update(historyKey(executionArn, event), (row) => ({
      ...row,
      mark: { ...row.mark, ...mark },
    }));
  }

  rows(region: string, executionArn: string): HistoryRow[] {
    const { history } = tablesOf(this.#core, region);
    const rows: HistoryRow[] = [];
    for (;;) {
      const row = history.get(historyKey(executionArn, rows.length + 1));
      if (row === undefined) return rows;
      rows.push(row);
    }
  }

  /** As AWS tells them. */
  events(region: string, executionArn: string): HistoryEvent[] {
    return this.rows(region, executionArn).map(({ line: _line, mark: _mark, ...event }) => ({
      ...event,
      timestamp: new Date(event.timestamp),
    }));
  }

  remove(region: string, executionArn: string): void {
    const { history } = tablesOf(this.#core, region);
    for (const { id } of this.rows(region, executionArn).reverse()) history.delete(historyKey(executionArn, id));
    this.#counts.delete(executionArn);
  }
}

/** The event without the data that states read and wrote. */
export function withoutData(event: HistoryEvent): HistoryEvent {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => {
      if (!name.endsWith('Details') || typeof value !== 'object' || value === null) return [name, value];
      const {
        input: _input,
        output: _output,
        parameters: _parameters,
        assignedVariables: _variables,
        ...rest
      } = value as Record<string, unknown>;
      return [name, rest];
    }),
  ) as unknown as HistoryEvent;
}
