/** Wait: for a number of seconds, or until a time. */

import { sleep } from '../../../kernel/clock.ts';
import { runtimeError } from '../errors.ts';
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
  const { flow, name, frame } = state;
  const seconds = await flow.field(state, 'Seconds');
  if (seconds !== undefined) {
    if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 0 && seconds <= longest) {
      return frame.enteredAt + seconds * 1000;
    }
    throw runtimeError(name, frame.enteredEvent, `Seconds must be a whole number from 0 to ${longest}.`);
  }
  const timestamp = await flow.field(state, 'Timestamp');
  if (typeof timestamp !== 'string' || !isTimestamp(timestamp)) {
    throw runtimeError(name, frame.enteredEvent, 'The Timestamp parameter is not a valid ISO-8601 extended timestamp.');
  }
  return Date.parse(timestamp);
}

/** RFC 3339 as ASL narrows it: with a capital T, and Z or an offset. */
export const isTimestamp = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));
