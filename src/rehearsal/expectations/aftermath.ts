/** What the product does around a move: fence, notices, undoing, the latch, queues, and what a deploy would change. */

import { z } from 'zod';
import type { Course } from '../course/course.ts';
import type { Expected } from './expected.ts';
import { momentWords } from './expected.ts';
import { deadline, side, stretch } from './fields.ts';
import { spanWords } from './watcher.ts';

export const fenced = z.strictObject({
  fenced: z.literal('primary'),
  ...deadline,
  of: deadline.of.unwrap().default('back'),
});
export const told = z.strictObject({
  /** Words that one notice holds, in whatever case. */
  told: z.string().min(3),
  /** On whose topic; on either, unless given. */
  by: side.optional(),
  ...deadline,
});
/** The side's groups are at nothing: in the end, or within the time after something was begun. */
export const undone = z.strictObject({
  undone: side,
  /** It must have been begun before. */
  begun: z.boolean().default(false),
  ...deadline,
  within: deadline.within.default(600),
});
export const latch = z.strictObject({ 'latch-leads-to': side, ...stretch });
/** No instance is taken out by a health check. */
export const neverReplaced = z.strictObject({ never: z.strictObject({ replaced: side }), ...stretch });
/** The side's queues are empty, after so many messages at least had been waiting in them. */
export const drained = z.strictObject({ drained: side, backlog: z.int().min(1).optional(), ...deadline });
/** A plain deploy in the end changes no stack. */
export const unchanged = z.strictObject({ deploy: z.literal('changes-nothing') });

export const expectFenced = ({ within, of }: z.output<typeof fenced>): Expected => ({
  says: `within ${within} AWS s of ${momentWords[of]} every part of the primary's fence is acknowledged`,
  judged: {
    shape: 'within',
    seconds: within,
    from: of,
    comes: ({ fencedAt }) => (fencedAt === undefined ? undefined : { at: fencedAt }),
    instead: () => 'the fence is still owed',
  },
});

export const expectTold = ({ told: words, by, within, of }: z.output<typeof told>): Expected => ({
  says: `within ${within} AWS s of ${momentWords[of]} people are told "${words}"${by === undefined ? '' : ` by the ${by} Region`}`,
  judged: {
    shape: 'within',
    seconds: within,
    from: of,
    comes({ notices }, since) {
      const found = notices.find(
        ({ at, side: teller, text }) =>
          at >= since && (by === undefined || teller === by) && text.toLowerCase().includes(words.toLowerCase()),
      );
      return found && { at: found.at };
    },
    instead: ({ notices }, since) => {
      const others = notices.filter(({ at }) => at >= since).map(({ text }) => `"${text.split('\n')[0] ?? ''}"`);
      return others.length === 0 ? 'nobody was told anything' : `they were told ${others.slice(0, 5).join(', ')}`;
    },
  },
});

export const expectUndone = ({ undone: where, begun, within, of }: z.output<typeof undone>): Expected => {
  const own = ({ groups }: Course) => groups.filter(({ side: one }) => one === where);
  const isNothing = ({ desired, instances }: Course['groups'][number]) => desired === 0 && instances === 0;
  const now = (course: Course): string => {
    const last = own(course).at(-1);
    return last === undefined ? "they weren't seen" : `${last.desired} are wanted, ${last.instances} are there`;
  };
  const words = `the ${where} Region's groups are at nothing`;
  // What has to have begun is waited for; without it, only the end can say that nothing is left.
  if (!begun)
    return {
      says: `in the end ${words}`,
      judged: {
        shape: 'finally',
        look(course) {
          const last = own(course).at(-1);
          return { met: last !== undefined && isNothing(last), seen: now(course) };
        },
      },
    };
  return {
    says: `within ${within} AWS s of ${momentWords[of]} what was begun is undone: ${words}`,
    judged: {
      shape: 'within',
      seconds: within,
      from: of,
      comes(course, since) {
        const all = own(course);
        const first = all.findIndex((one) => one.desired > 0);
        const back = all.find((one, index) => first >= 0 && index > first && one.at >= since && isNothing(one));
        const most = Math.max(0, ...all.map(({ desired }) => desired));
        return back && { at: back.at, seen: `${most} had been asked for` };
      },
      instead: (course) => (own(course).some(({ desired }) => desired > 0) ? now(course) : 'nothing had been begun'),
    },
  };
};

export const expectLatch = (spec: z.output<typeof latch>): Expected => ({
  says: `${spanWords(spec)} the public name leads to the ${spec['latch-leads-to']} Region`,
  judged: {
    shape: 'throughout',
    seconds: spec.for,
    from: spec.from,
    breaks({ leads }, since) {
      // What held when the stretch began was seen before.
      const before = leads.filter(({ at }) => at <= since).slice(-1);
      const wrong = [...before, ...leads.filter(({ at }) => at > since)].find(
        (one) => one.side !== spec['latch-leads-to'],
      );
      return (
        wrong && {
          at: Math.max(since, wrong.at),
          seen: `it led to ${wrong.side === undefined ? 'neither Region' : `the ${wrong.side} Region`}`,
        }
      );
    },
  },
});

export const expectNoneReplaced = (spec: z.output<typeof neverReplaced>): Expected => ({
  says: `${spanWords(spec)} no instance of the ${spec.never.replaced} Region is replaced`,
  judged: {
    shape: 'throughout',
    seconds: spec.for,
    from: spec.from,
    breaks({ replaced }, since) {
      const found = replaced.find(({ at, side: where }) => at >= since && where === spec.never.replaced);
      return found && { at: found.at, seen: found.why };
    },
  },
});

export const expectDrained = ({ drained: where, backlog = 0, within, of }: z.output<typeof drained>): Expected => {
  const own = ({ waiting }: Course) => waiting.filter(({ side: one }) => one === where);
  const mostOf = (course: Course) => Math.max(0, ...own(course).map(({ messages }) => messages));
  return {
    says: `within ${within} AWS s of ${momentWords[of]} the ${where} Region's queues are empty${backlog === 0 ? '' : `, after ${backlog} messages at least had been waiting`}`,
    judged: {
      shape: 'within',
      seconds: within,
      from: of,
      comes(course, since) {
        const seen = own(course);
        const first = seen.findIndex(({ messages }) => messages >= backlog);
        if (first < 0) return undefined;
        const held = seen.slice(first).filter(({ at }) => at <= since);
        const later = seen.slice(first).filter(({ at }) => at > since);
        const empty = [...held.slice(-1), ...later].find(({ messages }) => messages === 0);
        return empty && { at: Math.max(since, empty.at), seen: `${mostOf(course)} messages at most had been waiting` };
      },
      instead: (course) =>
        mostOf(course) < backlog
          ? `${mostOf(course)} messages at most had been waiting`
          : `${own(course).at(-1)?.messages ?? 'nobody knows how many'} messages are waiting`,
    },
  };
};

export const expectUnchanged = (): Expected => ({
  says: 'a plain deploy in the end changes no stack',
  judged: {
    shape: 'finally',
    look({ end }) {
      if (end?.changed === undefined) return { met: false, seen: 'there was no deploy' };
      return { met: end.changed === 0, seen: `it changed ${end.changed === 0 ? 'none' : end.changed}` };
    },
  },
});
