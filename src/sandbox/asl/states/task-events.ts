/** The history a task leaves: tasks of services and functions named by their ARN have events of their own kinds. */

import type { StatesError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Resource, ServiceResource } from '../resource.ts';
import type { StateRun, TaskProgress } from '../run.ts';
import { record } from '../run.ts';

export interface TaskEvents {
  scheduled(given: Json, timing: Pick<TaskProgress, 'timeout' | 'heartbeat' | 'token'>): void;
  started(): void;
  submitted(output: Json): void;
  succeeded(output: Json): void;
  failed(error: StatesError): void;
  /** `aliases` are the further names it answers to. */
  timedOut(aliases: readonly string[]): void;
}

export const eventsOf = (state: StateRun, resource: Resource): TaskEvents =>
  resource.kind === 'function' ? functionEvents(state, resource.arn) : serviceEvents(state, resource);

const whole = { truncated: false };

function serviceEvents(state: StateRun, { type: resourceType, name: resource }: ServiceResource): TaskEvents {
  const task = { resourceType, resource };
  const output = (value: Json) => ({ ...task, output: JSON.stringify(value), outputDetails: whole });
  return {
    scheduled: (given, { timeout, heartbeat, token }) =>
      record(
        state,
        {
          type: 'TaskScheduled',
          taskScheduledEventDetails: {
            ...task,
            region: state.run.host.region,
            parameters: JSON.stringify(given),
            ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
            ...(heartbeat === undefined ? {} : { heartbeatInSeconds: heartbeat }),
          },
        },
        token === undefined ? undefined : { token },
      ),
    started: () => record(state, { type: 'TaskStarted', taskStartedEventDetails: task }),
    submitted: (value) => record(state, { type: 'TaskSubmitted', taskSubmittedEventDetails: output(value) }),
    succeeded: (value) => record(state, { type: 'TaskSucceeded', taskSucceededEventDetails: output(value) }),
    failed: (error) => record(state, { type: 'TaskFailed', taskFailedEventDetails: { ...task, ...reason(error) } }),
    timedOut: (aliases) =>
      record(
        state,
        { type: 'TaskTimedOut', taskTimedOutEventDetails: { ...task, error: 'States.Timeout' } },
        { aliases },
      ),
  };
}

function functionEvents(state: StateRun, resource: string): TaskEvents {
  return {
    scheduled: (given, { timeout }) =>
      record(state, {
        type: 'LambdaFunctionScheduled',
        lambdaFunctionScheduledEventDetails: {
          resource,
          input: JSON.stringify(given),
          inputDetails: whole,
          ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
        },
      }),
    started: () => record(state, { type: 'LambdaFunctionStarted' }),
    submitted: () => {},
    succeeded: (value) =>
      record(state, {
        type: 'LambdaFunctionSucceeded',
        lambdaFunctionSucceededEventDetails: { output: JSON.stringify(value), outputDetails: whole },
      }),
    failed: (error) => record(state, { type: 'LambdaFunctionFailed', lambdaFunctionFailedEventDetails: reason(error) }),
    timedOut: (aliases) =>
      record(
        state,
        { type: 'LambdaFunctionTimedOut', lambdaFunctionTimedOutEventDetails: { error: 'States.Timeout' } },
        { aliases },
      ),
  };
}

const reason = ({ error, causeText }: StatesError) => ({
  ...(error === undefined ? {} : { error }),
  ...(causeText === undefined ? {} : { cause: causeText }),
});
