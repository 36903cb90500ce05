/** What becomes of runs, by their records. */

import { z } from 'zod';
import { runStatuses } from '../../plan/run.ts';
import type { Course } from '../course/course.ts';
import type { Expected } from './expected.ts';
import { momentWords, seconds } from './expected.ts';
import { deadline, plan, stretch } from './fields.ts';
import { spanWords } from './watcher.ts';

export const run = z.strictObject({
  run: plan,
  status: z.enum(runStatuses).default('succeeded'),
  /** What its failure says, or a part of it. */
  saying: z.string().optional(),
  ...deadline,
});
export const neverRun = z.strictObject({ never: z.strictObject({ run: plan }), ...stretch });
/** How many there were in the end. */
export const runs = z.strictObject({ runs: plan, exactly: z.int().min(0).max(100) });

export const expectRun = ({ run: name, status, saying, within, of }: z.output<typeof run>): Expected => ({
  says: `within ${within} AWS s of ${momentWords[of]} a ${name} run ${status === 'running' ? 'has begun' : `has ${status}`}${saying === undefined ? '' : `, saying "${saying}"`}`,
  judged: {
    shape: 'within',
    seconds: within,
    from: of,
    comes(course) {
      const found = course.runs.find(
        (one) =>
          one.plan === name &&
          (status === 'running' || one.status === status) &&
          (saying === undefined || one.failure?.includes(saying)),
      );
      if (found === undefined) return undefined;
      const at = status === 'running' ? found.startedAt : (found.endedAt ?? course.now);
      return { at, ...(found.failure === undefined ? {} : { seen: found.failure }) };
    },
    instead: (course) => told(course, name),
  },
});

export const expectNoRun = (spec: z.output<typeof neverRun>): Expected => ({
  says: `${spanWords(spec)} no ${spec.never.run} run begins`,
  judged: {
    shape: 'throughout',
    seconds: spec.for,
    from: spec.from,
    breaks(course, since) {
      const found = course.runs.find((one) => one.plan === spec.never.run && one.startedAt >= since);
      return found && { at: found.startedAt, seen: `${found.id} began` };
    },
  },
});

export const expectRuns = ({ runs: name, exactly }: z.output<typeof runs>): Expected => ({
  says: `${exactly === 0 ? 'there was no' : `there was exactly ${exactly}`} ${name} run`,
  judged: {
    shape: 'finally',
    look: (course) => ({
      met: course.runs.filter((one) => one.plan === name).length === exactly,
      seen: told(course, name),
    }),
  },
});

function told({ runs: all, moments }: Course, name: string): string {
  const from = moments.outage ?? 0;
  const own = all.filter((one) => one.plan === name);
  if (own.length === 0) return `there was no ${name} run`;
  return own
    .map(
      ({ id, status, endedAt, failure }) =>
        `${id} ${status}${endedAt === undefined ? '' : ` ${seconds(endedAt - from)} after the outage`}${failure === undefined ? '' : `: ${failure}`}`,
    )
    .join('; ');
}
