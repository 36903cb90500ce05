/** The course of a rehearsal as far as it has been seen: plain data, which expectations are judged by. All times are epoch milliseconds of AWS time. */

import type { Trigger } from '../../plan/run.ts';
import type { Side } from '../../workload/judged.ts';
import type { Moment } from '../events.ts';

export interface Course {
  readonly now: number;
  /** Nothing more will be seen. */
  readonly over: boolean;
  readonly moments: Readonly<Partial<Record<Moment, number>>>;
  /** The watcher's rounds, from its own log, oldest first. */
  readonly rounds: readonly Round[];
  /** When that log was last read: of what came later nothing is known yet. */
  readonly roundsReadAt: number;
  readonly runs: readonly RunSeen[];
  /** The attempts of customers that got an answer, by their end. */
  readonly writes: readonly WriteSeen[];
  /** Sizes of each side's groups together, whenever they had changed. */
  readonly groups: readonly GroupSeen[];
  /** Instances of a side that a health check took out of service. */
  readonly replaced: readonly ReplacedSeen[];
  readonly notices: readonly NoticeSeen[];
  /** Where the public name led, whenever that had changed. */
  readonly leads: readonly LeadSeen[];
  readonly waiting: readonly WaitingSeen[];
  /** When every part of the primary's fence was acknowledged. */
  readonly fencedAt: number | undefined;
  /** What the end showed; undefined until it is there. */
  readonly end: EndSeen | undefined;
}

export interface Round {
  readonly at: number;
  readonly decision: string;
  readonly finding: string;
  readonly sentence: string;
}

interface RunSeen {
  readonly id: string;
  readonly plan: string;
  readonly status: string;
  readonly by: Trigger['by'];
  /** A state machine's ARN, or who ran it in break-glass. */
  readonly execution: string;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly failure: string | undefined;
}

export interface WriteSeen {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly acknowledged: boolean;
  /** Undefined when nobody answered. */
  readonly side: Side | undefined;
}

interface GroupSeen {
  readonly at: number;
  readonly side: Side;
  readonly desired: number;
  readonly instances: number;
}

export interface ReplacedSeen {
  readonly at: number;
  readonly side: Side;
  readonly why: string;
}

export interface NoticeSeen {
  readonly at: number;
  readonly side: Side;
  readonly text: string;
}

interface LeadSeen {
  readonly at: number;
  readonly side: Side | undefined;
}

/** Messages in a side's queues, whenever their number had changed. */
interface WaitingSeen {
  readonly at: number;
  readonly side: Side;
  readonly messages: number;
}

export interface EndSeen {
  /** Acknowledged writes that aren't in the active side; undefined when the audit couldn't be made. */
  readonly lost: number | undefined;
  readonly named: number;
  /** Stacks that a plain deploy changed; undefined when there was none. */
  readonly changed: number | undefined;
}

export const nothingSeen: Course = {
  now: 0,
  over: false,
  moments: {},
  rounds: [],
  roundsReadAt: 0,
  runs: [],
  writes: [],
  groups: [],
  replaced: [],
  notices: [],
  leads: [],
  waiting: [],
  fencedAt: undefined,
  end: undefined,
};
