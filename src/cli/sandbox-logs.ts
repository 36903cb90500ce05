/** `pilot-light sandbox logs`: what has logs, and what is in them; of a running sandbox, or of what was kept of one. */

import { setTimeout as pause } from 'node:timers/promises';
import { usageError } from '../kernel/errors.ts';
import type { Source, SourceKind } from '../sandbox/control/protocol.ts';
import { interruption } from './interruption.ts';
import { type ChosenSandbox, chosenSandbox, type SandboxChoice } from './sandbox-choice.ts';
import { columns, print, printJson } from './text.ts';

export interface LogsFlags extends SandboxChoice {
  readonly region?: string;
  readonly lines: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** Real milliseconds between looks at a log that is followed, and lines taken at one look. */
const between = 300;
const atOnce = 5000;

export async function sandboxLogs(
  kind: string | undefined,
  name: string | undefined,
  { region, lines, follow = false, json = false, ...choice }: LogsFlags,
): Promise<number> {
  const { sourceKinds } = await import('../sandbox/control/protocol.ts');
  const known = sourceKinds.find((one) => one === (kind ?? 'sandbox'));
  if (known === undefined && kind !== 'list') {
    throw usageError('Nothing of that kind has logs.', { given: kind, allowed: [...sourceKinds, 'list'].join(', ') });
  }
  const sandbox = await chosenSandbox(choice);
  if (follow && sandbox.keptAt !== undefined)
    throw usageError("What was kept doesn't grow.", { next: 'Leave --follow out.' });
  const sources = (await sandbox.ask<'sources'>({ ask: 'sources' })).filter(
    (source) => (known === undefined || source.kind === known) && (region === undefined || source.region === region),
  );
  if (known === undefined || (name === undefined && known !== 'sandbox')) {
    list(sources, known, json);
    return 0;
  }
  await show(sandbox, oneOf(sources, known, name), { lines, follow, json });
  return 0;
}

function list(sources: readonly Source[], kind: SourceKind | undefined, json: boolean): void {
  if (json) printJson(sources);
  else if (sources.length === 0) print([kind === undefined ? 'Nothing has logs.' : `No ${kind} has a log.`]);
  else print(columns(sources.map((source) => [source.kind, source.region ?? '-', source.name])));
}

/** By its whole name, or by a part that only one has. */
function oneOf(sources: readonly Source[], kind: SourceKind, name = 'sandbox'): Source {
  const exact = sources.filter((source) => source.name === name);
  const found = exact.length > 0 ? exact : sources.filter((source) => source.name.includes(name));
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const places = new Set(found.map(({ region }) => region));
  const names = new Set(found.map((source) => source.name));
  throw usageError(
    only === undefined ? `No ${kind} of that name has a log.` : `Several ${kind} logs are meant by that name.`,
    {
      given: name,
      allowed:
        (found.length === 0 ? sources : found)
          .map((source) => `${source.name}${source.region === undefined ? '' : ` (${source.region})`}`)
          .join(', ') || 'none',
      ...(names.size === 1 && places.size > 1 ? { next: 'Say which with --region.' } : {}),
    },
  );
}

async function show(
  sandbox: ChosenSandbox,
  source: Source,
  { lines, follow, json }: { lines: number; follow: boolean; json: boolean },
): Promise<void> {
  const first = await sandbox.ask<'log'>({ ask: 'log', source, lines });
  const write = (text: readonly string[]) => {
    // A line a time: what is followed has no end, so it can't be one array.
    if (json) for (const line of text) printJson({ ...source, line });
    else if (text.length > 0) print(text);
  };
  write(first.lines);
  if (first.lines.length === 0 && !follow && !json) process.stderr.write('The log is empty.\n');
  if (follow) await goOn(sandbox, source, first.cursor, write);
}

/** Until Ctrl-C, or until the sandbox ends. */
async function goOn(
  sandbox: ChosenSandbox,
  source: Source,
  cursor: string,
  write: (lines: readonly string[]) => void,
): Promise<void> {
  const interrupted = interruption();
  let after = cursor;
  let failures = 0;
  while (!interrupted.signal.aborted) {
    try {
      await pause(between, undefined, { signal: interrupted.signal });
      const next = await sandbox.ask<'log'>({ ask: 'log', source, lines: atOnce, after });
      write(next.lines);
      after = next.cursor;
      failures = 0;
    } catch (error) {
      if (interrupted.signal.aborted) break;
      if (!sandbox.alive()) {
        process.stderr.write('The sandbox has ended.\n');
        break;
      }
      // One that is ending answers no more, and takes a moment to be gone.
      if (++failures > patience) throw error;
    }
  }
  interrupted.close();
}

const patience = 40;
