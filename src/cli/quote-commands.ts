/** `pilot-light quote`: what it takes. Its work is imported when it is asked for. */

import { type Command, Option } from 'commander';

export interface QuoteFlags {
  readonly config?: string;
  readonly profile?: string;
  /** An id, or what it begins with; true for the one that runs. */
  readonly sandbox?: string | true;
  readonly json?: boolean;
}

export function addQuoteCommand(program: Command): void {
  program
    .command('quote')
    .description('say what failing over now would lose at most; works with the primary Region dark')
    .option('--config <file>', 'the workload; the example when not given')
    .option('--profile <name>', 'a profile of the AWS config files')
    .addOption(new Option('--sandbox [id]', 'a running sandbox instead of AWS').conflicts('profile'))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExit codes: 0 within the recovery point objective of the config, 1 beyond it or not to be told, 2 used wrongly or nothing to quote.',
    )
    .action(async (options: QuoteFlags) => {
      const { quote } = await import('./quote.ts');
      process.exitCode = await quote(options);
    });
}
