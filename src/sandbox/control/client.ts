/** Asks a running sandbox through its control socket. */

import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { PilotLightError, terminalError } from '../../kernel/errors.ts';
import type { Run } from '../machines/runs.ts';
import { type Asked, answerSchemas, envelopeSchema, type Respondent, socketOf } from './protocol.ts';

/** Real milliseconds. A Region's return starts its databases again, so an answer may take its time. */
const patience = 180_000;

export const runningSandbox = (run: Pick<Run, 'id' | 'pid' | 'directory'>, within = patience): Respondent => ({
  ask: async (request) => answerIn(request.ask, await exchange(run, JSON.stringify(request), within), run) as never,
});

function answerIn(ask: Asked, line: string, { id }: Pick<Run, 'id'>): unknown {
  const envelope = envelopeSchema.parse(JSON.parse(line));
  if ('error' in envelope) throw new PilotLightError(envelope.error.kind, envelope.error.message);
  const parsed = answerSchemas[ask].safeParse(envelope.answer);
  if (parsed.success) return parsed.data;
  throw terminalError(`Sandbox ${id} answers otherwise than this version of Pilot Light expects.`, {
    next: 'Use the version it was started with, or start it again.',
    cause: parsed.error,
  });
}

function exchange(
  { id, pid, directory }: Pick<Run, 'id' | 'pid' | 'directory'>,
  line: string,
  within: number,
): Promise<string> {
  const path = socketOf(directory);
  return new Promise((resolve, reject) => {
    if (!existsSync(path)) {
      reject(terminalError(`Sandbox ${id} (pid ${pid}) is still starting.`, { next: 'Ask again in a moment.' }));
      return;
    }
    const socket = connect(path);
    let text = '';
    const silent = setTimeout(() => {
      socket.destroy();
      reject(
        terminalError(`Sandbox ${id} (pid ${pid}) doesn't answer.`, {
          next: `If it hangs, \`pilot-light sandbox down --sandbox ${id}\` ends it.`,
        }),
      );
    }, within);
    socket
      .setEncoding('utf8')
      .on('connect', () => socket.write(`${line}\n`))
      .on('data', (chunk: string) => {
        text += chunk;
      })
      .on('error', () => {})
      .on('close', () => {
        clearTimeout(silent);
        if (text.endsWith('\n')) resolve(text);
        else reject(terminalError(`Sandbox ${id} (pid ${pid}) ended before it answered.`));
      });
  });
}
