/** `pilot-light sandbox env`: what a client needs in its environment, to be evaluated by a shell. The only command that shows secrets. */

import { envLines } from './env-file.ts';
import { chosenSandbox, type SandboxChoice } from './sandbox-choice.ts';
import { print, printJson } from './text.ts';

export async function sandboxEnv({ json, ...choice }: SandboxChoice & { readonly json?: boolean }): Promise<number> {
  const environment = await (await chosenSandbox(choice)).ask<'environment'>({ ask: 'environment' });
  if (json) printJson(environment);
  else print(envLines(environment));
  return 0;
}
