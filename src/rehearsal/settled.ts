/** Whether there is anything left to wait for. Pure. */

import type { Course } from './course/course.ts';
import type { Moment } from './events.ts';
import type { Verdict } from './expectations/expected.ts';
import { momentWords } from './expectations/expected.ts';

/** AWS milliseconds after the last moment in which the next one that something waits for has to come; less, once it has gone wrong. */
const patience = 2400_000;
const littlePatience = 300_000;

interface Acts {
  readonly done: boolean;
  readonly underWay: boolean;
  readonly failures: readonly string[];
  readonly unborn: readonly { readonly after: Moment }[];
}

export function settled(
  course: Course,
  verdicts: readonly (Verdict & { readonly finally: boolean })[],
  acts: Acts,
  faults: { readonly ahead: readonly { readonly after: Moment }[] },
): { readonly over: boolean; readonly failure?: string } {
  if (acts.underWay) return { over: false };
  // Without what it does, the scenario isn't the one that was to be shown.
  if (acts.failures.length > 0) return { over: true };
  const open = verdicts.some(({ state, finally: inTheEnd }) => state === 'open' && !inTheEnd);
  const running = course.runs.some(({ status }) => status === 'running');
  const ahead = [...acts.unborn, ...faults.ahead].map(({ after }) => after);
  if (!open && !running && ahead.length === 0 && acts.done) return { over: true };
  const last = Math.max(0, ...Object.values(course.moments));
  const wrong = verdicts.some(({ state }) => state === 'unmet');
  if (course.now - last <= (wrong ? littlePatience : patience)) return { over: false };
  const never = ahead.find((moment) => course.moments[moment] === undefined);
  if (never === undefined && (open || ahead.length > 0) && !wrong) return { over: false };
  if (never !== undefined)
    return { over: true, failure: `the scenario waits for ${momentWords[never]}, which didn't come` };
  return { over: true, ...(running ? { failure: 'a run has not ended' } : {}) };
}
