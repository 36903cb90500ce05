/**
 * What is kept of a sandbox that is gone: its logs as files, and the answers that can still be given. For whoever asks what went wrong
 * after the machines have been ended. It stands beside its state, where there is one: `state-directory.ts`.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isoTime, wallClock } from '../../kernel/clock.ts';
import { messageOf, usageError } from '../../kernel/errors.ts';
import { type AnswerTo, type Asked, answerSchemas, type RequestOf, type Respondent, type Source } from './protocol.ts';
import { readLines } from './text-file.ts';

const manifestFile = 'kept.json';
const logsFolder = 'kept';

const manifestSchema = z.object({
  keptAt: z.string(),
  status: answerSchemas.status,
  iam: answerSchemas.iam,
  logs: z.array(answerSchemas.sources.element.extend({ file: z.string() })),
});

/** Writes what a sandbox can tell into a folder. `more` are logs of whoever used it, by name. */
export async function keepSandbox(
  sandbox: Respondent,
  folder: string,
  more: Readonly<Record<string, readonly string[]>> = {},
): Promise<void> {
  const sources = await sandbox.ask<'sources'>({ ask: 'sources' });
  const logs: z.output<typeof manifestSchema>['logs'] = [];
  const write = (source: Source, lines: readonly string[]) => {
    const file = fileOf(source);
    mkdirSync(dirname(join(folder, file)), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, file), lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    logs.push({ ...source, file });
  };
  for (const [name, lines] of Object.entries(more)) write({ kind: 'rehearsal', name }, lines);
  for (const source of sources) {
    try {
      write(source, (await sandbox.ask<'log'>({ ask: 'log', source, lines: 1_000_000 })).lines);
    } catch (error) {
      // One log that can't be read mustn't cost the others.
      write(source, [`This log couldn't be kept: ${messageOf(error)}`]);
    }
  }
  const status = await sandbox.ask<'status'>({ ask: 'status' });
  const iam = await sandbox.ask<'iam'>({ ask: 'iam' });
  const manifest = { keptAt: isoTime(wallClock.now()), status, iam, logs };
  writeFileSync(join(folder, manifestFile), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
}

/** When what a folder tells was kept, ISO 8601. @throws as `keptSandbox` does. */
export const keptAt = (folder: string): string => manifestIn(folder).keptAt;

/** Answers from a kept folder. @throws a usage error when the folder isn't one, or what is asked needs a running sandbox. */
export function keptSandbox(folder: string): Respondent {
  const { status, iam, logs } = manifestIn(folder);
  const answers: { readonly [Ask in Asked]?: (request: RequestOf<Ask>) => AnswerTo<Ask> } = {
    status: () => status,
    faults: () => status.faults,
    clock: () => status.clock,
    iam: ({ role }) => {
      const chosen = role === undefined ? iam : iam.filter((report) => report.role === role);
      if (chosen.length > 0 || role === undefined) return chosen;
      throw usageError('There was no such role.', { given: role, allowed: iam.map((known) => known.role).join(', ') });
    },
    sources: () => logs.map(({ file: _file, ...source }) => source),
    log: ({ source: { kind, region, name }, lines, after }) => {
      const log = logs.find((known) => known.kind === kind && known.region === region && known.name === name);
      if (log === undefined) throw usageError('No such log was kept.', { given: `${kind} ${name}` });
      return readLines(join(folder, log.file), { lines, after });
    },
  };
  return {
    ask: async <Ask extends Asked>(request: RequestOf<Ask>) => {
      const answer = answers[request.ask] as ((given: RequestOf<Ask>) => AnswerTo<Ask>) | undefined;
      if (answer === undefined) throw usageError('That needs a running sandbox; this one is gone.', { given: folder });
      return answer(request);
    },
  };
}

function manifestIn(folder: string): z.output<typeof manifestSchema> {
  const file = join(folder, manifestFile);
  if (!existsSync(file)) {
    throw usageError('Nothing was kept of a sandbox there.', {
      given: folder,
      allowed: `a folder with ${manifestFile} in it, as a failed rehearsal leaves it beside its report`,
      ...(existsSync(join(folder, 'state.json'))
        ? {
            next:
              `A sandbox's state is there: \`pilot-light sandbox up --state ${folder}\` goes on with it, ` +
              'and with --look it is only looked at.',
          }
        : {}),
    });
  }
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw usageError("What was kept there can't be read by this version of Pilot Light.", {
      given: file,
      cause: error,
    });
  }
}

/** `kept/us-east-1/database/photos-dev.log`; a name becomes one file name. */
const fileOf = ({ kind, region = 'outside', name }: Source): string =>
  join(logsFolder, region, kind, `${name.replaceAll(/[^\w.-]+/g, '_').slice(0, 150)}.log`);
