/** The control socket of a running sandbox. It stands on real time and asks no service, so it answers while AWS time is held and while Regions are dark. */

import { chmodSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { z } from 'zod';
import { messageOf, PilotLightError, usageError } from '../../kernel/errors.ts';
import { type Asked, type RequestOf, type Respondent, requestSchema, socketOf } from './protocol.ts';

export interface ControlServer {
  close(): Promise<void>;
}

/** No request needs more. */
const longestRequest = 1 << 16;

export function serveControl(directory: string, respondent: Respondent): Promise<ControlServer> {
  const path = socketOf(directory);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0 && text.length > longestRequest) socket.destroy();
      if (end < 0) return;
      socket.pause();
      void respond(respondent, text.slice(0, end)).then((line) => socket.end(`${line}\n`));
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      // A sandbox that is done with everything else isn't kept alive by nobody's questions.
      server.unref();
      resolve({
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}

async function respond(respondent: Respondent, line: string): Promise<string> {
  try {
    return JSON.stringify({ answer: await respondent.ask(requestIn(line) as RequestOf<Asked>) });
  } catch (error) {
    const kind = error instanceof PilotLightError && error.kind === 'usage' ? 'usage' : 'terminal';
    return JSON.stringify({ error: { kind, message: messageOf(error) } });
  }
}

function requestIn(line: string) {
  const parsed = requestSchema.safeParse(jsonOf(line));
  if (parsed.success) return parsed.data;
  throw usageError(`The sandbox doesn't understand the request:\n${z.prettifyError(parsed.error)}`);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw usageError('The sandbox expects one line of JSON.', { given: line.slice(0, 100) });
  }
}
