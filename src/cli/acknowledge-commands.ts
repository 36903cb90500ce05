/** `pilot-light acknowledge`: what it takes. Its work is imported when it is asked for. */

import type { Command } from 'commander';
import type { AskedFlags } from './asked-clients.ts';
import { withAskedOptions } from './asked-options.ts';

export interface AcknowledgeFlags extends AskedFlags {
  readonly why: string;
}

export function addAcknowledgeCommands(program: Command): void {
  withAskedOptions(program.command('acknowledge'))
    .description(
      'say that the finding of now is known: until another one is found nobody is told of it and nothing is failed over',
    )
    .requiredOption('--why <text>', 'why, for whoever else is told')
    .addHelpText(
      'after',
      '\nIt takes permission to write the state table. Exit codes: 0 acknowledged, 2 used wrongly, or there is nothing to acknowledge (nothing was changed).',
    )
    .action(async (options: AcknowledgeFlags) => {
      const { acknowledgeFinding } = await import('./acknowledge.ts');
      process.exitCode = await acknowledgeFinding(options);
    });
}
