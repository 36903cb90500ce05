/** Lines of execution side by side: all their outputs in order, or the first error after the others were brought to a stop. */

import type { StatesDefinition } from '../definition.ts';
import type { Json } from '../json.ts';
import { Aborted, type Frame, type StateRun } from '../run.ts';

export interface Line {
  readonly definition: StatesDefinition;
  readonly frame: Frame;
  began?(): void;
  succeeded?(): void;
  failed?(): void;
  aborted?(): void;
}

/** Runs at most `atOnce` lines at a time. */
export async function together(
  { frame, signal, inner }: StateRun,
  lines: readonly Line[],
  atOnce: number,
): Promise<Json[]> {
  frame.children = lines.map((line) => line.frame);
  const stop = new AbortController();
  const onOuter = () => stop.abort(signal.reason);
  signal.addEventListener('abort', onOuter, { once: true });
  const outputs: Json[] = [];
  let first: { readonly error: unknown } | undefined;
  let next = 0;

  const runLine = async (line: Line, index: number) => {
    line.began?.();
    try {
      outputs[index] = await inner(line.definition, line.frame, stop.signal);
      line.succeeded?.();
      frame.previousEvent = line.frame.previousEvent;
    } catch (error) {
      if (first === undefined && !(error instanceof Aborted)) {
        line.failed?.();
        frame.previousEvent = line.frame.previousEvent;
      } else if (error instanceof Aborted && error.bySibling) line.aborted?.();
      first ??= { error };
      stop.abort(new Aborted(true));
    }
  };
  const worker = async () => {
    while (next < lines.length && first === undefined) {
      const index = next++;
      const line = lines[index];
      if (line !== undefined) await runLine(line, index);
    }
  };

  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, lines.length) }, worker));
  } finally {
    signal.removeEventListener('abort', onOuter);
  }
  if (first !== undefined) throw (first as { error: unknown }).error;
  frame.children = [];
  return outputs;
}
