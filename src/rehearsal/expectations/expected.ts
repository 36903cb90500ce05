/**
 * An expectation: a sentence, and how it is judged over what has been seen. Three shapes, so that every kind reads alike:
 * something comes within a time; something doesn't come for a time; something is so in the end. Pure.
 */

import type { Course } from '../course/course.ts';
import type { Moment } from '../events.ts';

interface Happening {
  readonly at: number;
  /** Words that go after "at", when there is more to say than that it came. */
  readonly seen?: string;
}

type Shape =
  | {
      readonly shape: 'within';
      readonly seconds: number;
      readonly from: Moment;
      /** The first time it was so, at or after `since`. */
      readonly comes: (course: Course, since: number) => Happening | undefined;
      /** What was seen in its place. */
      readonly instead: (course: Course, since: number) => string;
    }
  | {
      readonly shape: 'throughout';
      /** To the end, unless given. */
      readonly seconds?: number | undefined;
      readonly from: Moment;
      readonly breaks: (course: Course, since: number) => Happening | undefined;
      /** Milliseconds in which what there was may still become known. @default `lateness` */
      readonly late?: number;
    }
  | { readonly shape: 'finally'; readonly look: (course: Course) => { readonly met: boolean; readonly seen: string } };

export interface Expected {
  /** Without its end, a sentence. */
  readonly says: string;
  readonly judged: Shape;
}

export interface Verdict {
  readonly says: string;
  readonly state: 'open' | 'met' | 'unmet';
  /** What was seen, in words; empty while it is open. */
  readonly seen: string;
}

/** Milliseconds after a deadline in which what came in time may still become known: logs and messages are read late. */
export const lateness = 30_000;

export function judge({ says, judged }: Expected, course: Course): Verdict {
  const verdict = (state: Verdict['state'], seen: string): Verdict => ({ says, state, seen });
  if (judged.shape === 'finally') {
    if (!course.over) return verdict('open', '');
    const { met, seen } = judged.look(course);
    return verdict(met ? 'met' : 'unmet', seen);
  }
  const since = course.moments[judged.from];
  if (since === undefined)
    return course.over ? verdict('unmet', `${momentWords[judged.from]} never came`) : verdict('open', '');
  const after = ({ at, seen }: Happening) => `after ${seconds(at - since)}${seen === undefined ? '' : `: ${seen}`}`;
  const end = judged.seconds === undefined ? Number.POSITIVE_INFINITY : since + 1000 * judged.seconds;
  if (judged.shape === 'within') {
    const found = judged.comes(course, since);
    if (found !== undefined) return verdict(found.at <= end ? 'met' : 'unmet', after(found));
    return course.over || course.now > end + lateness
      ? verdict('unmet', judged.instead(course, since))
      : verdict('open', '');
  }
  const broken = judged.breaks(course, since);
  if (broken !== undefined && broken.at <= end) return verdict('unmet', after(broken));
  return course.over || course.now > end + (judged.late ?? lateness)
    ? verdict('met', 'so it was')
    : verdict('open', '');
}

/** As they are called in a sentence. */
export const momentWords: Readonly<Record<Moment, string>> = {
  steady: 'steady running',
  outage: 'the outage',
  dark: 'the kill',
  decided: "the run's beginning",
  committed: 'the commit',
  writable: 'the first proved write',
  serving: 'the first answer from the recovery Region',
  resolved: "the first customer's write in the recovery Region",
  recovered: "the failover's end",
  back: "the primary Region's return",
  fenced: 'the fence',
  quiesced: 'the quiesce',
  home: "the first customer's write at home",
  protected: 'the return of protection',
};

export const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} AWS s`;
