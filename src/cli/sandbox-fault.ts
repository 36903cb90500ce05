/** `pilot-light sandbox fault …`, `dark` and `back`: what can be made to go wrong, made so and undone. */

import { usageError } from '../kernel/errors.ts';
import type { FaultAnswer } from '../sandbox/control/protocol.ts';
import { chosenSandbox, type SandboxChoice } from './sandbox-choice.ts';
import { faultRows } from './sandbox-status.ts';
import { paragraph, print, printJson } from './text.ts';

type Flags = SandboxChoice & { readonly json?: boolean };

export async function listFaults({ json, ...choice }: Flags): Promise<number> {
  const faults = await (await chosenSandbox(choice)).ask<'faults'>({ ask: 'faults' });
  if (json) printJson(faults);
  else print(faults.length === 0 ? ['No faults stand.'] : faultRows(faults));
  return 0;
}

export async function raiseFault(kind: string, pairs: readonly string[], { json, ...choice }: Flags): Promise<number> {
  const fault = { ...parametersIn(pairs), kind };
  const raised = await (await chosenSandbox(choice)).ask<'raise'>({ ask: 'raise', fault });
  if (json) printJson(raised);
  else print([`Raised: ${faultRows([raised]).join('')}`, `\`pilot-light sandbox fault lift ${raised.id}\` lifts it.`]);
  return 0;
}

export async function liftFaults(id: string, { json, ...choice }: Flags): Promise<number> {
  const lifted = await (await chosenSandbox(choice)).ask<'lift'>({ ask: 'lift', id });
  return tellLifted(lifted, 'No fault stood.', json);
}

export async function bringBack(region: string, { json, ...choice }: Flags): Promise<number> {
  const lifted = await (await chosenSandbox(choice)).ask<'back'>({ ask: 'back', region });
  return tellLifted(lifted, `${region} is back.`, json);
}

/** Needs no sandbox: the kinds are this version's. */
export async function faultKinds({ json }: { readonly json?: boolean }): Promise<number> {
  const { faultDescriptions, signature } = await import('../sandbox/control/fault-input.ts');
  const kinds = faultDescriptions();
  if (json) printJson(kinds);
  else {
    print([
      ...kinds.flatMap(({ kind, does, parameters }) => [
        ...paragraph([kind, ...parameters.map(signature)].join(' '), '', '  '),
        ...paragraph(does, '    '),
      ]),
      '',
      ...paragraph(
        'What stands in brackets may be left out: it then has the value shown, or means any. `region` is where calls are served, `from` where callers stand: a Region or `outside`.',
        '',
      ),
    ]);
  }
  return 0;
}

function tellLifted(lifted: readonly FaultAnswer[], otherwise: string, json: boolean | undefined): number {
  if (json) printJson(lifted);
  else print(lifted.length === 0 ? [otherwise] : faultRows(lifted).map((row) => `Lifted: ${row}`));
  return 0;
}

function parametersIn(pairs: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    if (at < 1 || name === 'kind' || name in parameters) {
      throw usageError("A fault's parameters are given as NAME=VALUE, each once.", {
        given: pair,
        next: '`pilot-light sandbox fault kinds` lists them.',
      });
    }
    parameters[name] = pair.slice(at + 1);
  }
  return parameters;
}
