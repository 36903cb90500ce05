/** The options of every command that asks a workload that stands. Imports nothing that works: help must come at once. */

import { type Command, Option } from 'commander';

export const withAskedOptions = (command: Command): Command =>
  command
    .option('--config <file>', 'the workload; the example when not given')
    .option('--profile <name>', 'a profile of the AWS config files')
    .addOption(new Option('--sandbox [id]', 'a running sandbox instead of AWS').conflicts('profile'))
    .option('--json', 'print one JSON object');
