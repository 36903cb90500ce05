/** The kinds of expectations a scenario may list, as a table: how each is written, and what it expects. */

import { z } from 'zod';
import {
  drained,
  expectDrained,
  expectFenced,
  expectLatch,
  expectNoneReplaced,
  expectTold,
  expectUnchanged,
  expectUndone,
  fenced,
  latch,
  neverReplaced,
  told,
  unchanged,
  undone,
} from './aftermath.ts';
import type { Expected } from './expected.ts';
import { expectNoRun, expectRun, expectRuns, neverRun, run, runs } from './runs.ts';
import { expectLost, expectNoGap, expectServedBy, gap, lost, servedBy } from './service.ts';
import {
  decision,
  expectDecision,
  expectFinding,
  expectNoDecision,
  expectNoFinding,
  expectWatched,
  finding,
  neverDecision,
  neverFinding,
  watched,
} from './watcher.ts';

interface Kind {
  /** The key that tells it from others; of `never`, the key within. */
  readonly key: string;
  readonly never?: true;
  readonly schema: z.ZodType;
  readonly expect: (spec: never) => Expected;
}

const kinds: readonly Kind[] = [
  { key: 'finding', schema: finding, expect: expectFinding },
  { key: 'decision', schema: decision, expect: expectDecision },
  { key: 'run', schema: run, expect: expectRun },
  { key: 'runs', schema: runs, expect: expectRuns },
  { key: 'served-by', schema: servedBy, expect: expectServedBy },
  { key: 'longest-gap', schema: gap, expect: expectNoGap },
  { key: 'lost', schema: lost, expect: expectLost },
  { key: 'fenced', schema: fenced, expect: expectFenced },
  { key: 'told', schema: told, expect: expectTold },
  { key: 'undone', schema: undone, expect: expectUndone },
  { key: 'latch-leads-to', schema: latch, expect: expectLatch },
  { key: 'watched-each', schema: watched, expect: expectWatched },
  { key: 'drained', schema: drained, expect: expectDrained },
  { key: 'deploy', schema: unchanged, expect: expectUnchanged },
  { key: 'finding', never: true, schema: neverFinding, expect: expectNoFinding },
  { key: 'decision', never: true, schema: neverDecision, expect: expectNoDecision },
  { key: 'run', never: true, schema: neverRun, expect: expectNoRun },
  { key: 'replaced', never: true, schema: neverReplaced, expect: expectNoneReplaced },
];

export interface Expectation {
  readonly kind: string;
  /** As the file says it. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly expected: Expected;
}

/** One expectation of a scenario's list, understood. */
export const expectation = z.record(z.string(), z.unknown()).transform((given, context): Expectation => {
  const found = kindOf(given);
  if (found === undefined) {
    const allowed = kinds.map(nameOf).join(', ');
    context.addIssue({ code: 'custom', message: `No expectation is of this kind. There are: ${allowed}` });
    return z.NEVER;
  }
  const parsed = found.schema.safeParse(given);
  if (!parsed.success) {
    for (const { message, path } of parsed.error.issues)
      context.addIssue({ code: 'custom', message: `${nameOf(found)}: ${message}`, path: [...path] });
    return z.NEVER;
  }
  return { kind: nameOf(found), spec: given, expected: found.expect(parsed.data as never) };
});

const nameOf = ({ key, never }: Kind): string => (never ? `never ${key}` : key);

function kindOf(given: Readonly<Record<string, unknown>>): Kind | undefined {
  const { never } = given;
  if (never === undefined) return kinds.find((kind) => kind.never === undefined && kind.key in given);
  if (typeof never !== 'object' || never === null) return undefined;
  return kinds.find((kind) => kind.never === true && kind.key in never);
}
