/** `pilot-light status`: what it takes. Its work is imported when it is asked for. */

import type { Command } from 'commander';
import type { AskedFlags } from './asked-clients.ts';
import { withAskedOptions } from './asked-options.ts';

export function addStatusCommand(program: Command): void {
  withAskedOptions(program.command('status'))
    .description('how a workload stands: who is active, what is under way, what needs a look; within two seconds')
    .addHelpText(
      'after',
      "\nExit codes: 0 served by one Region, and the other could take over; 1 something needs a look; 2 used wrongly or nothing deployed; 3 the state can't be read.",
    )
    .action(async (options: AskedFlags) => {
      const { status } = await import('./status.ts');
      const code = await status(options);
      // At once: questions that a silent Region never answers would keep the process for seconds.
      process.stdout.write('', () => process.exit(code));
    });
}
