/** The command line. Each command's work is imported when it is asked for: help must come at once. */

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { TimingMode } from '../facts/timing.ts';
import { addAcknowledgeCommands } from './acknowledge-commands.ts';
import { addApproveCommands } from './approve-commands.ts';
import { addBrakeCommands } from './brake-commands.ts';
import { addDeployCommands } from './deploy-commands.ts';
import { exitCodeOf, report } from './failure.ts';
import { Interrupted } from './interruption.ts';
import { collect, speed, timingHelp, timingMode, wholeNumber } from './option-values.ts';
import { addPlanCommand } from './plan-commands.ts';
import { addQuoteCommand } from './quote-commands.ts';
import { addRunCommands } from './run-commands.ts';
import { addSandboxCommands } from './sandbox-commands.ts';
import { addStatusCommand } from './status-commands.ts';

// The SDK's advice on Node versions to come is for those who program with it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const program = new Command('pilot-light')
  .description('Cross-Region disaster recovery for AWS workloads that you can rehearse on one machine.')
  .version(version())
  .showHelpAfterError('Run the command with --help to see what it takes.')
  .addHelpText(
    'after',
    '\nExit codes: 0 it worked, 1 the run failed, 2 the command was used wrongly (nothing was changed), 130 it was interrupted.',
  );

program
  .command('rehearse')
  .description('play scenarios in the sandbox, from deployment to report')
  .argument('[scenarios...]', 'names of scenarios, or "all"')
  .option('--scenario <name>', 'one more scenario by name', collect)
  .option('--config <file>', 'the workload to rehearse; the example when not given')
  .option(
    '--speed <n>',
    'AWS seconds per real second at most: a number, or "max" (measured phases stay at 10 or below)',
    speed,
  )
  .option('--customers <n>', 'how many customers write, 1 to 100', wholeNumber(1, 100))
  .option('--seed <n>', 'the seed of everything random', wholeNumber(0))
  .option('--timing <mode>', timingHelp, timingMode)
  .option('--report <folder>', 'where reports go', 'reports')
  .option('--keep', 'leave the sandbox running at the end')
  .option('--list', 'say what scenarios there are and how long each takes, and play none')
  .option('--json', 'print one JSON object as the last line on stdout')
  .action(async (scenarios: string[], options: RehearseFlags) => {
    const { rehearse } = await import('./rehearse.ts');
    const code = await rehearse({ ...options, scenarios: [...scenarios, ...(options.scenario ?? [])] });
    // At once: Node's own clearing away has been seen to wait for ever for a socket of a Region that was dark.
    process.exit(code);
  });

addSandboxCommands(program);

addDeployCommands(program);

addStatusCommand(program);
addPlanCommand(program);
addQuoteCommand(program);
addApproveCommands(program);
addAcknowledgeCommands(program);
addBrakeCommands(program);

addRunCommands(program);

program
  .command('cost')
  .description('price both Regions from the synthesized templates: standby, other shapes, a failover month, drills')
  .option('--config <file>', 'the workload; the example when not given')
  .option('--assembly <folder>', 'a synthesized assembly (cdk.out), in place of synthesizing the CDK app')
  .option('--prices <file>', 'prices in place of those that ship with the tool: JSON or YAML')
  .option('--usage <file>', "what templates can't tell of the workload: JSON or YAML")
  .option('--set <name=value>', 'one assumption of --usage; may be repeated', collect)
  .option('--print <what>', 'print "prices" or "usage" as a file to start from, and nothing else')
  .option('--lines', 'every line of the bill, and every type that costs nothing')
  .option('--json', 'print one JSON object on stdout')
  .action(async (options: CostFlags) => {
    const { cost } = await import('./cost.ts');
    process.exitCode = await cost(options);
  });

program
  .command('permissions')
  .description('print what the roles may do at most, and what deploying takes, as policies for the account to install')
  .argument(
    '[document]',
    '"boundary", "deployer", "execution", or "template" for all three; a list of roles without it',
  )
  .option('--config <file>', 'the workload; the example when not given')
  .option('--out <file>', 'write the document there')
  .option('--json', 'print one JSON object on stdout')
  .action(async (document: string | undefined, options: PermissionsFlags) => {
    const { permissions } = await import('./permissions.ts');
    process.exitCode = await permissions(document, options);
  });

export interface PermissionsFlags {
  readonly config?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export interface CostFlags {
  readonly config?: string;
  readonly assembly?: string;
  readonly prices?: string;
  readonly usage?: string;
  readonly set?: string[];
  readonly print?: string;
  readonly lines?: boolean;
  readonly json?: boolean;
}

export interface RehearseFlags {
  readonly scenario?: string[];
  readonly config?: string;
  readonly speed?: number | 'max';
  readonly customers?: number;
  readonly seed?: number;
  readonly timing?: TimingMode;
  readonly report: string;
  readonly keep?: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
}

// Commander ends the process by itself on bad use; thrown instead, the exit code is ours to choose.
for (const command of everyCommand(program)) command.exitOverride();

// Whoever reads the output may have had enough (`| head`): the command ends, and clears away as it exits.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(1);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    report(error);
    process.exitCode = exitCodeOf(error);
    // Work that was cut short would go on failing for a while.
    if (error instanceof Interrupted) process.exit();
  }
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
