/** What the watcher finds and decides, by its own log. */

import { z } from 'zod';
import { decisionCodes } from '../../plan/decide.ts';
import { findingCodes } from '../../plan/findings.ts';
import type { Course, Round } from '../course/course.ts';
import type { Expected } from './expected.ts';
import { lateness, momentWords, seconds } from './expected.ts';
import { deadline, stretch } from './fields.ts';

export const finding = z.strictObject({ finding: z.enum(findingCodes), ...deadline });
export const decision = z.strictObject({
  decision: z.enum(decisionCodes),
  /** About this finding; about any, unless given. */
  about: z.enum(findingCodes).optional(),
  ...deadline,
});
export const neverFinding = z.strictObject({ never: z.strictObject({ finding: z.enum(findingCodes) }), ...stretch });
export const neverDecision = z.strictObject({ never: z.strictObject({ decision: z.enum(decisionCodes) }), ...stretch });
/** Seconds between two of the watcher's looks, at most. */
export const watched = z.strictObject({ 'watched-each': z.number().min(1), ...stretch });

export const expectFinding = ({ finding: code, within, of }: z.output<typeof finding>): Expected => ({
  says: `within ${within} AWS s of ${momentWords[of]} the watcher finds ${code}`,
  judged: {
    shape: 'within',
    seconds: within,
    from: of,
    comes: (course, since) => first(course, since, (round) => round.finding === code),
    instead: said,
  },
});

export const expectDecision = ({ decision: code, about, within, of }: z.output<typeof decision>): Expected => ({
  says: `within ${within} AWS s of ${momentWords[of]} the watcher decides ${code}${about === undefined ? '' : ` about ${about}`}`,
  judged: {
    shape: 'within',
    seconds: within,
    from: of,
    comes: (course, since) =>
      first(course, since, (round) => round.decision === code && (about === undefined || round.finding === about)),
    instead: said,
  },
});

export const expectNoFinding = (spec: z.output<typeof neverFinding>): Expected => ({
  says: `${spanWords(spec)} the watcher doesn't find ${spec.never.finding}`,
  judged: throughout(spec, (round) => round.finding === spec.never.finding),
});

export const expectNoDecision = (spec: z.output<typeof neverDecision>): Expected => ({
  says: `${spanWords(spec)} the watcher doesn't decide ${spec.never.decision}`,
  judged: throughout(spec, (round) => round.decision === spec.never.decision),
});

/** The log of a watcher's minute comes when that is over. */
const logLateness = lateness + 60_000;

export const expectWatched = (spec: z.output<typeof watched>): Expected => ({
  says: `${spanWords(spec)} no two looks of the watcher are more than ${spec['watched-each']} AWS s apart`,
  judged: {
    shape: 'throughout',
    seconds: spec.for,
    from: spec.from,
    late: logLateness,
    breaks({ rounds, roundsReadAt }, since) {
      const marks = [since, ...rounds.map(({ at }) => at).filter((at) => at > since), roundsReadAt];
      const longest = 1000 * spec['watched-each'];
      const gap = (at: number, one: number) => at - (marks[one - 1] ?? at);
      const index = marks.findIndex((at, one) => gap(at, one) > longest + (at === roundsReadAt ? logLateness : 0));
      const from = marks[index - 1];
      return from === undefined
        ? undefined
        : { at: from + longest, seen: `there was none for ${seconds((marks[index] ?? from) - from)}` };
    },
  },
});

type Stretch = { readonly from: keyof typeof momentWords; readonly for?: number | undefined };

export const spanWords = ({ from, for: length }: Stretch): string =>
  length === undefined ? `from ${momentWords[from]} to the end` : `for ${length} AWS s from ${momentWords[from]}`;

const throughout = (spec: Stretch, is: (round: Round) => boolean) =>
  ({
    shape: 'throughout',
    seconds: spec.for,
    from: spec.from,
    breaks: (course: Course, since: number) => first(course, since, is),
  }) as const;

function first({ rounds }: Course, since: number, is: (round: Round) => boolean) {
  const round = rounds.find((one) => one.at >= since && is(one));
  return round && { at: round.at, seen: round.sentence };
}

/** The findings in their order, each with its first decision. */
function said({ rounds }: Course, since: number): string {
  const later = rounds.filter(({ at }) => at >= since);
  const changes = later.filter(
    (round, index) => later[index - 1]?.finding !== round.finding || later[index - 1]?.decision !== round.decision,
  );
  if (changes.length === 0) return 'the watcher said nothing';
  const shown = changes
    .slice(-6)
    .map(({ at, decision: what, finding: code }) => `${code} (${what}) after ${seconds(at - since)}`);
  return `it found ${shown.join(', ')}`;
}
