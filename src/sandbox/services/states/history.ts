/** The history of an execution: events numbered from 1, at most 25,000 of them. */

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { StatesError } from '../../asl/errors.ts';
import type { EventDraft } from '../../asl/host.ts';
import type { SandboxCore } from '../../contract.ts';
import { historyKey, tablesOf } from './rows.ts';

/** Source: Step Functions quotas. */
export const mostEvents = 25_000;

const endings = new Set(['ExecutionSucceeded', 'ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut']);

/** Appends and answers the event's number; the last place is kept for the execution's end. Throws `States.Runtime` when it is full. */
export function appendEvent(
  core: SandboxCore,
  region: string,
  executionArn: string,
  event: EventDraft,
  previousEventId: number,
): number {
  const { executions, history } = tablesOf(core, region);
  const count = executions.get(executionArn)?.events ?? 0;
  if (count >= mostEvents - 1 && !endings.has(event.type)) {
    throw new StatesError(
      'States.Runtime',
      `The execution reached the maximum number of history events (${mostEvents}).`,
    );
  }
  const id = count + 1;
  history.put(historyKey(executionArn, id), {
    ...event,
    id,
    previousEventId,
    timestamp: core.region(region).clock.now(),
  });
  executions.update(executionArn, (row) => ({ ...row, events: id }));
  return id;
}

export function eventsOf(core: SandboxCore, region: string, executionArn: string): HistoryEvent[] {
  const { executions, history } = tablesOf(core, region);
  const count = executions.get(executionArn)?.events ?? 0;
  return Array.from({ length: count }, (_, index) => history.get(historyKey(executionArn, index + 1))).flatMap((row) =>
    row === undefined ? [] : [{ ...row, timestamp: new Date(row.timestamp) }],
  );
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
