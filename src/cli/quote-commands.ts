/** `pilot-light quote`: what it takes. Its work is imported when it is asked for. */

import type { Command } from 'commander';
import type { AskedFlags } from './asked-clients.ts';
import { withAskedOptions } from './asked-options.ts';

export function addQuoteCommand(program: Command): void {
  withAskedOptions(program.command('quote'))
    .description('say what failing over now would lose at most; works with the primary Region dark')
    .addHelpText(
      'after',
      '\nExit codes: 0 within the recovery point objective of the config, 1 beyond it or not to be told, 2 used wrongly or nothing to quote.',
    )
    .action(async (options: AskedFlags) => {
      const { quote } = await import('./quote.ts');
      process.exitCode = await quote(options);
    });
}
