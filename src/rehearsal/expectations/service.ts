/** What customers see, by their own record: who serves them, how long nobody does, what of theirs is lost. */

import { z } from 'zod';
import type { Course } from '../course/course.ts';
import type { Expected } from './expected.ts';
import { momentWords, seconds } from './expected.ts';
import { deadline, side, stretch } from './fields.ts';
import { spanWords } from './watcher.ts';

export const servedBy = z.strictObject({ 'served-by': side, ...deadline });
/** Seconds without an acknowledged write, at most. Not to the end: customers stop before that. */
export const gap = z.strictObject({ 'longest-gap': z.number().min(1), ...stretch, for: stretch.for.unwrap() });
export const lost = z.strictObject({
  lost: z
    .strictObject({ 'at-least': z.int().min(0).optional(), 'at-most': z.int().min(0).optional() })
    .refine((given) => Object.keys(given).length > 0, { error: 'lost needs at-least or at-most' })
    .refine((given) => (given['at-least'] ?? 0) <= (given['at-most'] ?? Number.POSITIVE_INFINITY), {
      error: 'at-least is more than at-most',
    }),
});

export const expectServedBy = ({ 'served-by': by, within, of }: z.output<typeof servedBy>): Expected => ({
  says: `within ${within} AWS s of ${momentWords[of]} the ${by} Region acknowledges a customer's write`,
  judged: {
    shape: 'within',
    seconds: within,
    from: of,
    comes({ writes }, since) {
      const first = writes.find((one) => one.acknowledged && one.side === by && one.startedAt >= since);
      return first && { at: first.endedAt };
    },
    instead({ writes }, since) {
      const later = writes.filter(({ startedAt }) => startedAt >= since);
      const elsewhere = later.filter(({ acknowledged }) => acknowledged).length;
      return `${later.length} attempts since, ${elsewhere} acknowledged, none by the ${by} Region`;
    },
  },
});

export const expectNoGap = (spec: z.output<typeof gap>): Expected => ({
  says: `${spanWords(spec)} customers are never without an acknowledged write for more than ${spec['longest-gap']} AWS s`,
  judged: {
    shape: 'throughout',
    seconds: spec.for,
    from: spec.from,
    breaks(course, since) {
      const longest = 1000 * spec['longest-gap'];
      const found = gapsOf(course, since).find(({ from, to }) => to - from > longest);
      return (
        found && { at: found.from + longest, seen: `nobody's was acknowledged for ${seconds(found.to - found.from)}` }
      );
    },
  },
});

export const expectLost = ({ lost: { 'at-least': least, 'at-most': most } }: z.output<typeof lost>): Expected => ({
  says: `${least === undefined ? '' : `at least ${least}`}${least !== undefined && most !== undefined ? ' and ' : ''}${most === undefined ? '' : `at most ${most}`} acknowledged writes are lost, each of them named`,
  judged: {
    shape: 'finally',
    look({ end }) {
      if (end?.lost === undefined) return { met: false, seen: "they weren't counted" };
      const met = end.lost >= (least ?? 0) && end.lost <= (most ?? Number.POSITIVE_INFINITY) && end.named === end.lost;
      return { met, seen: `${end.lost} were, ${end.named} of them named` };
    },
  },
});

/** Stretches between acknowledged writes, the one that goes on included. */
function gapsOf({ writes, now }: Course, since: number): { from: number; to: number }[] {
  const ends = writes
    .filter(({ acknowledged, endedAt }) => acknowledged && endedAt >= since)
    .map(({ endedAt }) => endedAt);
  const marks = [since, ...ends.sort((one, other) => one - other), now];
  return marks.slice(1).map((to, index) => ({ from: marks[index] ?? to, to }));
}
