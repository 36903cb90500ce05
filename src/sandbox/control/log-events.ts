/**
 * Log events of many streams as lines in the order in which they arrived. A cursor is a moment of arrival and the events seen of it:
 * several arrive in one millisecond, and while AWS time stands still many do.
 */

import { isoTime } from '../../kernel/clock.ts';
import type { LogEvent } from '../services/logs/model.ts';
import type { Reading } from './text-file.ts';

export function readEvents(
  events: readonly LogEvent[],
  { lines, after }: { lines: number; after?: string | undefined },
): Reading {
  const inOrder = [...events].sort((one, other) => one.ingested - other.ingested || one.timestamp - other.timestamp);
  const [moment = '0', ...ids] = (after ?? '').split(' ');
  const at = Number(moment);
  const seen = new Set(ids);
  const fresh = inOrder.filter((event) => event.ingested > at || (event.ingested === at && !seen.has(shortId(event))));
  const chosen = after !== undefined ? fresh.slice(0, lines) : lines === 0 ? [] : fresh.slice(-lines);
  const last = after === undefined ? inOrder.at(-1) : chosen.at(-1);
  return { lines: chosen.flatMap(linesOf), cursor: last === undefined ? (after ?? '0') : cursorAt(last) };

  function cursorAt({ ingested }: LogEvent): string {
    const shown = after === undefined ? inOrder : chosen;
    const known = ingested === at ? ids : [];
    return [ingested, ...known, ...shown.filter((event) => event.ingested === ingested).map(shortId)].join(' ');
  }
}

const shortId = ({ id }: LogEvent): string => id.slice(0, 16);

const linesOf = ({ timestamp, message }: LogEvent): string[] => {
  const [first = '', ...rest] = message.replace(/\n+$/, '').split('\n');
  // Console lines of functions say themselves when they were written.
  const dated = /^\d{4}-\d\d-\d\dT/.test(first) ? first : `${isoTime(timestamp)} ${first}`;
  return [dated, ...rest];
};
