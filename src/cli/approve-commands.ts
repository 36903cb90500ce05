/** `pilot-light approve`: what it takes. Its work is imported when it is asked for. */

import type { Command } from 'commander';
import type { AskedFlags } from './asked-clients.ts';
import { withAskedOptions } from './asked-options.ts';

export interface ApproveFlags extends AskedFlags {
  readonly decline?: boolean;
  readonly why?: string;
  readonly yes?: boolean;
}

export function addApproveCommands(program: Command): void {
  withAskedOptions(program.command('approve'))
    .description('approve or decline a failover that waits for a person; without an id, show what waits')
    .argument('[id]', 'the request, as the notice names it')
    .option('--decline', 'decline it: nothing is failed over while the finding lasts')
    .option('--why <text>', 'why, for the record; needed to decline')
    .option('--yes', 'ask no question')
    .addHelpText(
      'after',
      '\nIt takes permission to write the state table. Exit codes: 0 shown or decided, 1 it failed or you said no, 2 used wrongly, or the request is unknown, expired or decided (nothing was changed).',
    )
    .action(async (id: string | undefined, options: ApproveFlags) => {
      const { approve } = await import('./approve.ts');
      process.exitCode = await approve(id, options);
    });
}
