/** Wait: for a number of seconds, or until a time. */

import { sleep } from '../../../kernel/clock.ts';
import { occurred, runtimeError, StatesError } from '../errors.ts';
import type { Json } from '../json.ts';
import { note, type StateHandler, type StateRun } from '../run.ts';

export const wait: StateHandler = async (state) => {
  const { definition, flow, run, signal, frame } = state;
  const until = frame.progress.until ?? (await endOf(state));
  if (frame.progress.until === undefined) note(state, { until });
  frame.progress = { until };
  await sleep(run.host.clock, Math.max(0, until - run.host.clock.now()), signal);
  return { ...(await flow.finish(state)), next: definition.Next };
};

/** Seconds. Source: Step Functions Developer Guide, "Wait workflow state". */
const longest = 99_999_999;

/** AWS milliseconds. */
async function endOf(state: StateRun): Promise<number> {
  const { flow, frame, run } = state;
  const seconds = await flow.field(state, 'Seconds');
  if (seconds !== undefined) return frame.enteredAt + 1000 * secondsIn(state, seconds);
  const timestamp = await flow.field(state, 'Timestamp');
  if (typeof timestamp !== 'string' || !isTimestamp(timestamp)) throw wrong(state, 'Timestamp', timestamp ?? null);
  const until = Date.parse(timestamp);
  // Recorded on AWS: 24,855 days ahead are taken, 24,856 are not.
  if (until - run.host.clock.now() > longestAhead) {
    throw runtimeError(state.name, frame.enteredEvent, 'Wait state delay is too long.');
  }
  return until;
}

const longestAhead = 2_147_483_647_000;

function secondsIn(state: StateRun, given: Json): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= longest) return given;
  throw wrong(state, 'Seconds', given);
}

/** JSONPath states fail for good, in the words of AWS; JSONata states with an evaluation that can be seen in the history. */
function wrong(state: StateRun, field: 'Seconds' | 'Timestamp', given: Json): StatesError {
  const { name, frame, definition } = state;
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  const path = definition[`${field}Path`];
  if (path !== undefined) {
    const what =
      field === 'Timestamp'
        ? 'does not reference a valid ISO-8601 extended offset date-time format string'
        : typeof given === 'number' && Number.isInteger(given) && given < 0
          ? 'references a negative value'
          : 'cannot be parsed as a long value';
    return runtimeError(name, frame.enteredEvent, `The ${field}Path parameter ${what}: ${path} == ${text}`);
  }
  const what =
    field === 'Timestamp'
      ? `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text}`
      : `Seconds must be a whole number from 0 to ${longest}, but was ${text}`;
  return new StatesError('States.QueryEvaluationError', `${occurred(name, frame.enteredEvent)} ${what}`, {
    location: field,
  });
}

/** RFC 3339 as ASL narrows it: with a capital T, and Z or an offset. */
export const isTimestamp = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));
