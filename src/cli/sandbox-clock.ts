/** `pilot-light sandbox clock`: AWS time and its speed, shown or set. */

import { chosenSandbox, type SandboxChoice } from './sandbox-choice.ts';
import { clockText } from './sandbox-status.ts';
import { print, printJson } from './text.ts';

export async function sandboxClock(
  speed: number | 'max' | undefined,
  { json, ...choice }: SandboxChoice & { readonly json?: boolean },
): Promise<number> {
  const sandbox = await chosenSandbox(choice);
  const clock = await (speed === undefined
    ? sandbox.ask<'clock'>({ ask: 'clock' })
    : sandbox.ask<'speed'>({ ask: 'speed', speed }));
  if (json) printJson(clock);
  else print([clockText(clock)]);
  return 0;
}
