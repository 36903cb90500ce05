/** How a failure is told, and what it is worth: 2 for bad use, 1 for a failed run, 128 and the signal's number for an interrupted one. */

import { tmpdir } from 'node:os';
import { messageOf, PilotLightError } from '../kernel/errors.ts';
import { Interrupted } from './interruption.ts';

export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode;
  return error instanceof PilotLightError && error.kind === 'usage' ? 2 : 1;
}

/** One clear error on stderr. A stack only helps those who can change the code: PILOT_LIGHT_DEBUG=1 shows it. */
export function report(error: unknown): void {
  const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  const next = full
    ? `. Make room in ${tmpdir()} and where state is kept, or set TMPDIR and --state to folders with more.`
    : '';
  process.stderr.write(`${messageOf(error)}${next}\n`);
  if (process.env.PILOT_LIGHT_DEBUG !== undefined && error instanceof Error)
    process.stderr.write(`${error.stack ?? ''}\n`);
}
