/** The moments that show by themselves, read from what has been seen of runs, writes and the fence. Pure. */

import type { Moment } from '../events.ts';
import type { Course } from './course.ts';

export interface MomentSeen {
  readonly moment: Moment;
  readonly at: number;
  readonly says: string;
}

/** What is known of the failover's run beside its record. */
export interface Failover {
  readonly startedAt: number;
  readonly why: string;
  readonly committedAt: number | undefined;
  readonly writableAt: number | undefined;
  readonly succeededAt: number | undefined;
}

export function momentsOf(
  course: Pick<Course, 'writes' | 'fencedAt' | 'moments'>,
  run: Failover | undefined,
): MomentSeen[] {
  const seen = (moment: Moment, at: number | undefined, says: string): MomentSeen[] =>
    at === undefined ? [] : [{ moment, at, says }];
  const { outage, committed = run?.committedAt } = course.moments;
  const there =
    outage === undefined || committed === undefined
      ? []
      : course.writes.filter((write) => write.side === 'recovery' && write.startedAt > outage);
  const firstOf = (writes: typeof there) =>
    writes.length === 0 ? undefined : Math.min(...writes.map(({ endedAt }) => endedAt));
  return [
    ...seen('decided', run?.startedAt, run?.why ?? ''),
    ...seen('committed', run?.committedAt, 'the recovery Region is the active one'),
    ...seen('serving', firstOf(there), 'the recovery load balancer gives its first answer'),
    ...seen('writable', run?.writableAt, 'a row was written to the recovery database and read back'),
    ...seen(
      'resolved',
      firstOf(there.filter(({ acknowledged }) => acknowledged)),
      "a customer's write is acknowledged through the public name",
    ),
    ...seen('recovered', run?.succeededAt, "the failover's run has ended"),
    ...seen('fenced', course.fencedAt, 'every part of the fence was acknowledged'),
  ];
}
