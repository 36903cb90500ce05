/** Questions to the person at the terminal. Without one there is nobody to ask. */

import { createInterface } from 'node:readline';
import { usageError } from '../../kernel/errors.ts';

export const atTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** @throws a usage error when there is nobody to ask and no flag has answered. */
export async function agreed(question: string, answered: boolean, flag: string): Promise<boolean> {
  if (answered) return true;
  if (!atTerminal()) throw usageError(`${question} There is no terminal to ask at.`, { next: `Add ${flag}.` });
  return /^y(es)?$/i.test(await line(`${question} [y/N] `));
}

/** What the person types; empty at the end of the input. */
export function line(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    terminal.on('close', () => resolve(''));
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    terminal.question(question, (given) => {
      resolve(given.trim());
      terminal.close();
    });
  });
}
