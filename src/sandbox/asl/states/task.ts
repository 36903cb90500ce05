/** Task: work done by somebody else, within its time. */

import { runtimeError, StatesError } from '../errors.ts';
import type { TaskRequest } from '../host.ts';
import type { Json } from '../json.ts';
import { withinLimit } from '../json.ts';
import type { Resource } from '../resource.ts';
import { resourceOf } from '../resource.ts';
import { note, type StateHandler, type StateRun, type TaskProgress } from '../run.ts';
import { eventsOf, type TaskEvents } from './task-events.ts';

export const task: StateHandler = async (state) => {
  const { definition, flow, name, frame } = state;
  const resource = resourceOf(definition.Resource ?? '');
  if (resource === undefined) {
    throw runtimeError(name, frame.enteredEvent, `The resource ${definition.Resource} is not supported.`);
  }
  const events = eventsOf(state, resource);
  const known = frame.progress.task;
  const given = known === undefined ? await schedule(state, resource, events) : undefined;
  if (known?.started !== true) start(state, events);
  const value = known?.result?.value ?? (await performed(state, { resource, events, given, known }));
  return { ...(await flow.finish(state, { value })), next: definition.Next };
};

/** Answers what the task is called with. */
async function schedule(state: StateRun, resource: Resource, events: TaskEvents): Promise<Json> {
  const { flow, run, name, frame } = state;
  const waitsForToken = resource.kind === 'service' && resource.pattern === 'waitForTaskToken';
  const token = waitsForToken ? run.host.newToken() : undefined;
  const given = withinLimit(await flow.arguments(state, token), name);
  const timeout = await secondsOf(state, 'TimeoutSeconds');
  const heartbeat = await secondsOf(state, 'HeartbeatSeconds');
  events.scheduled(given, { timeout, heartbeat, token });
  frame.progress = { task: { scheduledAt: run.host.clock.now(), timeout, heartbeat, token } };
  return given;
}

function start({ frame }: StateRun, events: TaskEvents): void {
  events.started();
  const { task: scheduled } = frame.progress;
  if (scheduled !== undefined) frame.progress = { task: { ...scheduled, started: true } };
}

interface Work {
  readonly resource: Resource;
  readonly events: TaskEvents;
  /** What the task is called with; undefined when it was called in an earlier life, of which `known` tells. */
  readonly given: Json | undefined;
  readonly known: TaskProgress | undefined;
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
      // AWS reports both as States.Timeout; a lapsed heartbeat can be told apart in ErrorEquals only.
      const aliases = error.heartbeat ? ['States.HeartbeatTimeout'] : [];
      events.timedOut(aliases);
      throw new StatesError('States.Timeout', undefined, { aliases });
    }
    if (error instanceof StatesError) events.failed(error);
    throw error;
  }
}

/** The answer, or `TimedOut`; an answer that comes later is not heard. */
function inTime(state: StateRun, { resource, given, known, events }: Work): Promise<Json> {
  const { run, signal, frame } = state;
  const { clock } = run.host;
  const { scheduledAt = clock.now(), timeout, heartbeat, token, beatAt = scheduledAt } = frame.progress.task ?? {};
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
    const within = (seconds: number | undefined, since: number, lapsed: TimedOut) =>
      seconds === undefined
        ? undefined
        : clock.after(Math.max(0, since + seconds * 1000 - clock.now()), () => settle(() => reject(lapsed)));
    const deadline = within(timeout, scheduledAt, new TimedOut(false));
    let beat = within(heartbeat, beatAt, new TimedOut(true));
    signal.addEventListener('abort', onAbort, { once: true });
    const request: TaskRequest = {
      resource,
      arguments: given ?? null,
      token,
      begun: known,
      signal: over.signal,
      submitted: (output) => {
        if (!over.signal.aborted) events.submitted(output);
      },
      heartbeat() {
        const now = clock.now();
        note(state, { beatAt: now });
        beat?.cancel();
        beat = within(heartbeat, now, new TimedOut(true));
      },
      answered: (answer) => note(state, { answer }),
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
