/** The commands about sandboxes: what they take. Each one's work is imported when it is asked for. */

import { type Command, Option } from 'commander';
import type { TimingMode } from '../facts/timing.ts';
import type { StoppedReplication } from '../rehearsal/target.ts';
import { speed, stoppedReplication, timingHelp, timingMode, wholeNumber } from './option-values.ts';

export interface UpFlags {
  readonly config?: string;
  readonly speed?: number | 'max';
  readonly deploy?: boolean;
  readonly port?: number;
  readonly detach?: boolean;
  readonly envFile?: string;
  readonly timing?: TimingMode;
  readonly seed?: number;
  readonly stoppedReplication?: StoppedReplication;
  readonly state?: string;
  readonly look?: boolean;
  readonly json?: boolean;
  /** Started by `--detach`, which waits to be told. */
  readonly inBackground?: boolean;
}

export function addSandboxCommands(program: Command): void {
  const sandbox = program.command('sandbox').description('two AWS Regions on this machine');
  addUp(sandbox);
  addLooking(sandbox);
  addFaults(sandbox);
  aboutOne(
    sandbox.command('down').description('end running sandboxes of this user, and sweep what killed ones left behind'),
    'end this one only',
  ).action(async (options) => {
    const { sandboxDown } = await import('./sandbox-down.ts');
    process.exitCode = await sandboxDown(options);
  });
}

function addUp(sandbox: Command): void {
  sandbox
    .command('up')
    .description('start a sandbox and keep it running until Ctrl-C or `sandbox down`')
    .option('--config <file>', 'the workload whose Regions and images it has; the example when not given')
    .option('--speed <n>', 'AWS seconds per real second at most: a number, or "max"', speed)
    .option('--deploy', 'deploy the workload into it')
    .option('--port <n>', 'the port of the outside endpoint; any free one when not given', wholeNumber(1, 65_535))
    .option('--detach', 'return once it is up, and leave it running in the background')
    .option('--env-file <file>', 'write what a client needs in its environment there; removed when the sandbox ends')
    .option('--timing <mode>', timingHelp, timingMode)
    .option('--seed <n>', 'the seed of everything random', wholeNumber(0))
    .option(
      '--stopped-replication <what>',
      'after a reboot of a replica, replication stopped by `rds_stop_replication` "resumes" (the default, as customers report it) or "stays" stopped',
      stoppedReplication,
    )
    .option('--state <folder>', 'keep everything there from one start to the next')
    .option('--look', 'only look at what is kept there: databases run, and nothing goes on by itself')
    .option('--json', 'print one JSON object once it is up')
    .addOption(new Option('--in-background').hideHelp())
    .action(async (options: UpFlags) => {
      if (options.detach) {
        const { sandboxUpDetached } = await import('./sandbox-detach.ts');
        process.exitCode = await sandboxUpDetached(options);
      } else {
        const { sandboxUp } = await import('./sandbox-up.ts');
        process.exitCode = await sandboxUp(options);
      }
    });
}

function addLooking(sandbox: Command): void {
  orKept(aboutOne(sandbox.command('status').description('what a sandbox is and holds right now'))).action(
    async (options) => {
      const { sandboxStatus } = await import('./sandbox-status.ts');
      process.exitCode = await sandboxStatus(options);
    },
  );
  orKept(aboutOne(sandbox.command('logs')))
    .description("what has logs, and what is in them; the sandbox's own log when nothing is named")
    .argument(
      '[kind]',
      '"list", or function, instance, database, balancer, execution, group, table, program, rehearsal',
    )
    .argument('[name]', 'whose: a name, or a part that only one has')
    .option('--region <region>', 'only in this Region')
    .option('--lines <n>', 'how many of the last lines', wholeNumber(0, 1_000_000), 100)
    .option('--follow', 'go on with what is added, until Ctrl-C')
    .action(async (kind: string | undefined, name: string | undefined, options) => {
      const { sandboxLogs } = await import('./sandbox-logs.ts');
      process.exitCode = await sandboxLogs(kind, name, options);
    });
  orKept(aboutOne(sandbox.command('iam')))
    .description('what each deployed role used of what it may, and what it was refused')
    .argument('[role]', 'one role, with its actions')
    .action(async (role: string | undefined, options) => {
      const { sandboxIam } = await import('./sandbox-iam.ts');
      process.exitCode = await sandboxIam(role, options);
    });
  aboutOne(
    sandbox.command('env').description('what a client needs in its environment, for a shell to evaluate'),
  ).action(async (options) => {
    const { sandboxEnv } = await import('./sandbox-env.ts');
    process.exitCode = await sandboxEnv(options);
  });
  const clock = sandbox.command('clock').description('AWS time and its speed');
  aboutOne(clock.command('show', { isDefault: true }).description('show them')).action(async (options) => {
    const { sandboxClock } = await import('./sandbox-clock.ts');
    process.exitCode = await sandboxClock(undefined, options);
  });
  aboutOne(clock.command('speed').description('set how fast AWS time may go'))
    .argument('<n>', 'AWS seconds per real second at most: a number, or "max"', speed)
    .action(async (wanted: number | 'max', options) => {
      const { sandboxClock } = await import('./sandbox-clock.ts');
      process.exitCode = await sandboxClock(wanted, options);
    });
}

function addFaults(sandbox: Command): void {
  const fault = sandbox.command('fault').description('what is made to go wrong');
  aboutOne(fault.command('list').description('the faults that stand')).action(async (options) => {
    const { listFaults } = await import('./sandbox-fault.ts');
    process.exitCode = await listFaults(options);
  });
  fault
    .command('kinds')
    .description('what can be made to go wrong, with its parameters')
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { faultKinds } = await import('./sandbox-fault.ts');
      process.exitCode = await faultKinds(options);
    });
  const raise = async (kind: string, pairs: readonly string[], options: object) => {
    const { raiseFault } = await import('./sandbox-fault.ts');
    process.exitCode = await raiseFault(kind, pairs, options);
  };
  aboutOne(fault.command('raise').description('make something go wrong'))
    .argument('<kind>', 'see `fault kinds`')
    .argument('[parameters...]', 'as NAME=VALUE')
    .action(raise);
  aboutOne(fault.command('lift').description('undo a fault'))
    .argument('<id>', 'its id, or "all"')
    .action(async (id: string, options) => {
      const { liftFaults } = await import('./sandbox-fault.ts');
      process.exitCode = await liftFaults(id, options);
    });
  aboutOne(sandbox.command('dark').description('kill every process of a Region and silence it'))
    .argument('<region>')
    .action((region: string, options: object) => raise('dark', [`region=${region}`], options));
  aboutOne(sandbox.command('back').description('bring a dark Region back'))
    .argument('<region>')
    .action(async (region: string, options) => {
      const { bringBack } = await import('./sandbox-fault.ts');
      process.exitCode = await bringBack(region, options);
    });
}

const aboutOne = (command: Command, which = 'which one, when several run: its id, or what that begins with'): Command =>
  command.option('--sandbox <id>', which).option('--json', 'print JSON');

const orKept = (command: Command): Command =>
  command.option('--state <folder>', 'look into what was kept of one that is gone');
