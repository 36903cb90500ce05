/** The watcher's rounds, read from its own log: exactly what it found and decided, and when. */

import type { Stage } from '../stage.ts';
import type { Round } from './course.ts';

/** Answers the rounds logged since the last call. */
export function roundsOf(stage: Stage, since: number): () => Promise<Round[]> {
  let from = since;
  /** Events of the last millisecond read: the next page begins with them. */
  let known = new Set<string>();
  return async () => {
    const { paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs');
    const client = await stage.clients('recovery').logs();
    const logGroupName = `/aws/lambda/${stage.names.controlFunction('watch')}`;
    const found: Round[] = [];
    for await (const { events } of paginateFilterLogEvents({ client }, { logGroupName, startTime: from })) {
      for (const { eventId = '', message = '', timestamp = 0 } of events ?? []) {
        if (known.has(eventId)) continue;
        if (timestamp > from) known = new Set();
        known.add(eventId);
        from = Math.max(from, timestamp);
        const round = roundIn(message, timestamp);
        if (round !== undefined) found.push(round);
      }
    }
    return found;
  };
}

/** Other lines are about problems, or Lambda's own. */
export function roundIn(message: string, at: number): Round | undefined {
  const start = message.indexOf('{"decision"');
  if (start < 0) return undefined;
  try {
    const { decision, finding, sentence } = JSON.parse(message.slice(start)) as Omit<Round, 'at'>;
    return { at, decision, finding, sentence };
  } catch {
    return undefined;
  }
}
