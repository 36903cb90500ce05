/** How a failure is told, and what it is worth: 2 for bad use, 1 for a failed run. */

import { messageOf, PilotLightError } from '../kernel/errors.ts';

export const exitCodeOf = (error: unknown): 1 | 2 =>
  error instanceof PilotLightError && error.kind === 'usage' ? 2 : 1;

/** One clear error on stderr. A stack only helps those who can change the code: PILOT_LIGHT_DEBUG=1 shows it. */
export function report(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n`);
  if (process.env.PILOT_LIGHT_DEBUG !== undefined && error instanceof Error)
    process.stderr.write(`${error.stack ?? ''}\n`);
}
