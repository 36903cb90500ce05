/** Reads a text file that may be growing: its last lines, then what is added. A cursor is the byte at which the next reading begins. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface Reading {
  readonly lines: string[];
  readonly cursor: string;
}

/** At one reading no more than this is taken into memory. */
const most = 8 << 20;

export function readLines(file: string, { lines, after }: { lines: number; after?: string | undefined }): Reading {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    // A file that got shorter was begun anew.
    const from = after === undefined || Number(after) > size ? undefined : Number(after);
    const start = from ?? Math.max(0, size - most);
    const buffer = Buffer.alloc(Math.min(most, size - start));
    const taken = buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, start));
    if (from === undefined) {
      const text = start > 0 ? taken.subarray(taken.indexOf('\n') + 1) : taken;
      const { whole, end } = split(text, true);
      return {
        lines: lines === 0 ? [] : whole.slice(-lines),
        cursor: String(start + taken.length - text.length + end),
      };
    }
    const { whole, end } = split(taken, false, lines);
    return { lines: whole, cursor: String(start + end) };
  } finally {
    closeSync(descriptor);
  }
}

/** Lines, and the byte after the last of them. A line still being written waits for its end, unless it is the last there is to show. */
function split(bytes: Buffer, unfinished: boolean, limit = Number.POSITIVE_INFINITY): { whole: string[]; end: number } {
  const whole: string[] = [];
  let end = 0;
  while (whole.length < limit) {
    const next = bytes.indexOf('\n', end);
    if (next < 0) break;
    whole.push(bytes.toString('utf8', end, next));
    end = next + 1;
  }
  if (unfinished && end < bytes.length) {
    whole.push(bytes.toString('utf8', end));
    end = bytes.length;
  }
  return { whole, end };
}
