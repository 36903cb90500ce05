/**
 * Lines of execution side by side: all their outputs in order, or the first error after the others were brought to a stop.
 * Lines of an earlier life are taken up where they were; those that had not begun follow in their turn.
 */

import type { StatesDefinition } from '../definition.ts';
import { errorFrom, failureOf, StatesError } from '../errors.ts';
import type { Json } from '../json.ts';
import { Aborted, type Frame, note, type StateRun } from '../run.ts';

export interface Line {
  readonly definition: StatesDefinition;
  readonly frame: Frame;
  /** What is written down about the line as such. */
  readonly began?: () => void;
  readonly closed?: (how: 'Succeeded' | 'Failed' | 'Aborted') => void;
}

/** Runs at most `atOnce` lines at a time. */
export async function together(state: StateRun, lines: readonly Line[], atOnce: number): Promise<Json[]> {
  const { frame, run, signal, inner } = state;
  const stop = new AbortController();
  const onOuter = () => stop.abort(signal.reason);
  signal.addEventListener('abort', onOuter, { once: true });
  let first: { readonly error: unknown } | undefined;

  const fail = (line: Line, error: unknown) => {
    first = { error };
    frame.previousEvent = line.frame.previousEvent;
    if (!line.frame.closed) line.closed?.('Failed');
    stop.abort(new Aborted(true));
  };
  const runLine = async (line: Line) => {
    if (!hasBegun(line)) line.began?.();
    const wasOver = line.frame.ended !== undefined;
    try {
      await inner(line.definition, line.frame, stop.signal);
      if (!wasOver) frame.previousEvent = line.frame.previousEvent;
      line.closed?.('Succeeded');
    } catch (error) {
      if (first === undefined && !(error instanceof Aborted)) {
        if (error instanceof StatesError) note({ run, frame: line.frame }, { failure: failureOf(error) });
        fail(line, error);
      } else {
        if (error instanceof Aborted && error.bySibling && !line.frame.closed) line.closed?.('Aborted');
        first ??= { error };
        stop.abort(new Aborted(true));
      }
    }
  };

  if (signal.aborted) {
    onOuter();
    first = { error: signal.reason };
  }
  const failed = lines.find((line) => line.frame.failure !== undefined);
  if (first === undefined && failed?.frame.failure !== undefined) fail(failed, errorFrom(failed.frame.failure));
  const open = lines.filter((line) => line !== failed && !isOver(line));
  const begun = open.filter(hasBegun);
  const waiting = open.filter((line) => !hasBegun(line));
  const queue = first === undefined ? [...begun, ...waiting] : begun;
  let next = 0;
  const worker = async () => {
    while (next < queue.length && (first === undefined || next < begun.length)) {
      const line = queue[next++];
      if (line !== undefined) await runLine(line);
    }
  };

  try {
    await Promise.all(Array.from({ length: Math.min(Math.max(atOnce, begun.length), queue.length) }, worker));
  } finally {
    signal.removeEventListener('abort', onOuter);
  }
  if (first !== undefined) throw (first as { error: unknown }).error;
  return lines.map((line) => line.frame.ended?.output ?? null);
}

/** Its frame has written something down. */
const hasBegun = ({ frame }: Line): boolean => frame.ownEvent > 0;

const isOver = ({ frame, closed }: Line): boolean =>
  frame.closed || (closed === undefined && frame.ended !== undefined);
