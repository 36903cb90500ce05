/** `deploy`, `diff` and `destroy`: what they take. Each one's work is imported when it is asked for. */

import { type Command, InvalidArgumentError } from 'commander';
import type { Side } from '../workload/judged.ts';
import { speed } from './option-values.ts';

export interface WhereFlags {
  readonly config?: string;
  readonly profile?: string;
  readonly sandbox?: string | true;
  readonly speed?: number | 'max';
  readonly json?: boolean;
}

export interface DeployFlags extends WhereFlags {
  readonly only?: Side;
  readonly yes?: boolean;
  readonly bootstrap?: boolean;
  readonly anyway?: boolean;
  readonly verbose?: boolean;
}

export interface DiffFlags extends WhereFlags {
  readonly only?: Side;
  readonly fail?: boolean;
}

export interface DestroyFlags extends WhereFlags {
  readonly deleteData?: boolean;
  readonly confirm?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly verbose?: boolean;
}

export function addDeployCommands(program: Command): void {
  where(program.command('deploy').description('bring both Regions to what the config and the CDK app say'))
    .option('--only <side>', 'the stacks of one Region, primary or recovery: also while the other one is dark', side)
    .option('--yes', "don't ask")
    .option(
      '--bootstrap',
      'bootstrap Regions for CDK deployments where that is missing; in a sandbox it is done anyway',
    )
    .option('--anyway', 'also while a run is in progress, and what needs a Region that is dark')
    .option('--verbose', 'show every resource')
    .action(async (options: DeployFlags) => {
      const { deploy } = await import('./deploy-command.ts');
      process.exitCode = await deploy(options);
    });
  where(program.command('diff').description('what a deployment would change, and what of that concerns security'))
    .option('--only <side>', 'the stacks of one Region, primary or recovery', side)
    .option('--fail', 'exit with 1 when something would change')
    .action(async (options: DiffFlags) => {
      const { diff } = await import('./diff-command.ts');
      process.exitCode = await diff(options);
    });
  where(program.command('destroy').description('remove the workload; its data stays unless --delete-data is given'))
    .option('--delete-data', 'also databases, buckets, tables, secrets, keys, snapshots and images')
    .option('--confirm <name>', "the workload's name, where there is no terminal to type it at")
    .option('--force', 'also while a run is in progress, or the recovery Region is the active one')
    .option('--yes', "don't ask, as long as no data is deleted")
    .option('--verbose', 'show every resource')
    .action(async (options: DestroyFlags) => {
      const { destroy } = await import('./destroy-command.ts');
      process.exitCode = await destroy(options);
    });
}

const where = (command: Command): Command =>
  command
    .option('--config <file>', 'the workload; the example when not given')
    .option('--profile <name>', "a profile of the AWS config files; the SDK's usual credentials when not given")
    .option('--sandbox [id]', 'a running sandbox instead of AWS: its id, or what that begins with, when several run')
    .option('--speed <n>', 'in a sandbox, AWS seconds per real second meanwhile; "max" when not given', speed)
    .option('--json', 'print one JSON object as the last line on stdout');

function side(text: string): Side {
  if (text === 'primary' || text === 'recovery') return text;
  throw new InvalidArgumentError('Allowed: primary or recovery.');
}
