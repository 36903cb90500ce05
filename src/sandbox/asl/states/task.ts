/** Task: work done by somebody else, within its time. */

import { runtimeError, StatesError } from '../errors.ts';
import type { TaskRequest } from '../host.ts';
import type { Json } from '../json.ts';
import { withinLimit } from '../json.ts';
import type { Resource } from '../resource.ts';
import { resourceOf } from '../resource.ts';
import type { StateHandler, StateRun } from '../run.ts';
import { eventsOf, type TaskEvents } from './task-events.ts';

export const task: StateHandler = async (state) => {
  const { definition, flow, run, name, frame } = state;
  const resource = resourceOf(definition.Resource ?? '');
  if (resource === undefined) {
    throw runtimeError(name, frame.enteredEvent, `The resource ${definition.Resource} is not supported.`);
  }
  const waitsForToken = resource.kind === 'service' && resource.pattern === 'waitForTaskToken';
  const token = waitsForToken ? run.host.newToken() : undefined;
  const given = withinLimit(await flow.arguments(state, token), name);
  const timeout = await secondsOf(state, 'TimeoutSeconds');
  const heartbeat = await secondsOf(state, 'HeartbeatSeconds');
  const events = eventsOf(state, resource);
  events.scheduled(given, timeout, heartbeat);
  events.started();
  const value = await performed(state, { resource, given, token, timeout, heartbeat, events });
  return { ...(await flow.finish(state, { value })), next: definition.Next };
};

interface Work {
  readonly resource: Resource;
  readonly given: Json;
  readonly token: string | undefined;
  readonly timeout: number | undefined;
  readonly heartbeat: number | undefined;
  readonly events: TaskEvents;
}

async function performed(state: StateRun, work: Work): Promise<Json> {
  const { resource, events } = work;
  const what = resource.kind === 'function' ? resource.arn : resource.service;
  try {
    const value = withinLimit(await inTime(state, work), what);
    events.succeeded(value);
    return value;
  } catch (error) {
    if (error instanceof TimedOut) {
      events.timedOut();
      // AWS reports both as States.Timeout; a lapsed heartbeat can be told apart in ErrorEquals only.
      throw new StatesError('States.Timeout', undefined, {
        aliases: error.heartbeat ? ['States.HeartbeatTimeout'] : [],
      });
    }
    if (error instanceof StatesError) events.failed(error);
    throw error;
  }
}

/** The answer, or `TimedOut`; an answer that comes later is not heard. */
function inTime(
  { run, signal }: StateRun,
  { resource, given, token, timeout, heartbeat, events }: Work,
): Promise<Json> {
  const { clock } = run.host;
  const over = new AbortController();
  return new Promise<Json>((resolve, reject) => {
    const settle = (action: () => void) => {
      if (over.signal.aborted) return;
      over.abort();
      deadline?.cancel();
      beat?.cancel();
      signal.removeEventListener('abort', onAbort);
      action();
    };
    const onAbort = () => settle(() => reject(signal.reason));
    const listen = () =>
      heartbeat === undefined
        ? undefined
        : clock.after(heartbeat * 1000, () => settle(() => reject(new TimedOut(true))));
    const deadline =
      timeout === undefined ? undefined : clock.after(timeout * 1000, () => settle(() => reject(new TimedOut(false))));
    let beat = listen();
    signal.addEventListener('abort', onAbort, { once: true });
    const request: TaskRequest = {
      resource,
      arguments: given,
      token,
      signal: over.signal,
      submitted: (output) => {
        if (!over.signal.aborted) events.submitted(output);
      },
      heartbeat() {
        beat?.cancel();
        beat = listen();
      },
    };
    run.host.perform(request).then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

class TimedOut extends Error {
  readonly heartbeat: boolean;

  constructor(heartbeat: boolean) {
    super('timed out');
    this.heartbeat = heartbeat;
  }
}

async function secondsOf(state: StateRun, field: 'TimeoutSeconds' | 'HeartbeatSeconds'): Promise<number | undefined> {
  const value = await state.flow.field(state, field);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 99_999_999) return value;
  throw runtimeError(
    state.name,
    state.frame.enteredEvent,
    `${field} must be a whole number from 1 to 99999999, but was ${JSON.stringify(value)}.`,
  );
}
