/** `pilot-light brake`: what it takes. Its work is imported when it is asked for. */

import { Argument, type Command } from 'commander';
import type { AskedFlags } from './asked-clients.ts';
import { withAskedOptions } from './asked-options.ts';

export interface BrakeFlags extends AskedFlags {
  readonly why?: string;
}

export function addBrakeCommands(program: Command): void {
  withAskedOptions(program.command('brake'))
    .description('keep every run from being started, by whomever; without a word, say whether it is on')
    .addArgument(new Argument('[state]', 'what to do').choices(['on', 'off']))
    .option('--why <text>', 'why, for whoever meets it; needed to put it on')
    .addHelpText(
      'after',
      '\nA run that is under way goes on: pilot-light run pause and abort are for those. It takes permission to write the state table. Exit codes: 0 done or shown, 2 used wrongly (nothing was changed).',
    )
    .action(async (state: 'on' | 'off' | undefined, options: BrakeFlags) => {
      const { brake } = await import('./brake.ts');
      process.exitCode = await brake(state, options);
    });
}
